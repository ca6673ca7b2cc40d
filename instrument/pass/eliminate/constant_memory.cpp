// Memory that nobody writes: globals in read-only sections, and virtual tables, which the loader fills in before anything runs. A read of
// it can race with nothing. (The pointer to a virtual table is written by constructors and destructors and is checked.)

#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/GlobalVariable.h>

#include "instrument/pass/eliminate/eliminations.hpp"
#include "instrument/pass/vptr.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

bool is_constant(const Value* pointer) {
  const auto* g = dyn_cast<GlobalVariable>(getUnderlyingObject(pointer, 0));
  return (g != nullptr && g->isConstant()) || is_vtable_address(*pointer);
}

}  // namespace

void drop_constant_reads(found_accesses& found) {
  erase_if(found.plain, [](const access& a) { return !a.write && is_constant(a.pointer); });
}

}  // namespace ravel::instrument
