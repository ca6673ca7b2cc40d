#include "instrument/pass/eliminate/eliminations.hpp"

#include <llvm/Support/CommandLine.h>

namespace ravel::instrument {

using namespace llvm;

namespace {

cl::list<std::string> switched_off("ravel-no-elimination", cl::desc("Check accesses that this elimination would leave out: private_objects, "
                                                                    "constant_memory, covered_accesses, region_keeping_calls, loop_checks; "
                                                                    "grouped_fields: a call for each"));

}  // namespace

bool is_on(StringRef name) { return !is_contained(switched_off, name); }

void drop_unshared(found_accesses& found) {
  if (is_on("constant_memory")) drop_constant_reads(found);
  if (is_on("private_objects")) drop_private_accesses(found);
}

void eliminate(found_accesses& found) {
  drop_unshared(found);
  if (is_on("covered_accesses")) drop_covered_accesses(found);
}

}  // namespace ravel::instrument
