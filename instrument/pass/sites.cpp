#include "instrument/pass/sites.hpp"

#include <llvm/ADT/SmallString.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/Path.h>

#include "instrument/pass/function_name.hpp"
#include "runtime/abi/ravel_abi.h"

namespace ravel::instrument {

using namespace llvm;

static_assert(sizeof(ravel_frame) == 32 && sizeof(ravel_site) == 48, "frame_type_ and site_type_ spell out the layout of ravel_abi.h");

site_emitter::site_emitter(Module& m) : module_(m), variables_(m) {
  LLVMContext& c = m.getContext();
  Type* pointer = PointerType::getUnqual(c);
  Type* number = Type::getInt32Ty(c);
  frame_type_ = StructType::get(c, {pointer, pointer, number, number, pointer});
  site_type_ = StructType::get(c, {frame_type_, pointer, number, number});
}

Constant* site_emitter::text(StringRef s) {
  Constant*& known = texts_[s];
  if (known == nullptr) {
    Constant* bytes = ConstantDataArray::getString(module_.getContext(), s);
    auto* g = new GlobalVariable(module_, bytes->getType(), true, GlobalValue::PrivateLinkage, bytes, "ravel.text");
    g->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    g->setAlignment(Align(1));
    known = g;
  }
  return known;
}

namespace {

std::string file_path(const DIFile* file) {
  if (file == nullptr) return {};
  const StringRef name = file->getFilename();
  SmallString<256> path;
  if (!sys::path::is_absolute(name)) path = file->getDirectory();
  sys::path::append(path, name);
  sys::path::remove_dots(path, true);
  return std::string(path);
}

// The optimiser gives line 0 to an instruction it made of several. A neighbour in the same function then is the nearest place to name.
const DILocation* place_of(const Instruction& at) {
  const DILocation* own = at.getDebugLoc().get();
  if (own == nullptr || own->getLine() != 0) return own;
  const auto serves = [&](const Instruction& i) {
    const DILocation* l = i.getDebugLoc().get();
    return l != nullptr && l->getLine() != 0 && l->getScope()->getSubprogram() == own->getScope()->getSubprogram() &&
           l->getInlinedAt() == own->getInlinedAt();
  };
  for (const Instruction* i = at.getPrevNode(); i != nullptr; i = i->getPrevNode()) {
    if (serves(*i)) return i->getDebugLoc().get();
  }
  for (const Instruction* i = at.getNextNode(); i != nullptr; i = i->getNextNode()) {
    if (serves(*i)) return i->getDebugLoc().get();
  }
  return own;
}

}  // namespace

Constant* site_emitter::frame_fields(const DILocation* where, const Function& f) {
  LLVMContext& c = module_.getContext();
  const auto number = [&](std::uint64_t n) { return ConstantInt::get(Type::getInt32Ty(c), n); };
  Constant* const none = ConstantPointerNull::get(PointerType::getUnqual(c));
  const DISubprogram* const subprogram = where != nullptr ? where->getScope()->getSubprogram() : f.getSubprogram();
  Constant* name = nullptr;
  if (subprogram == nullptr) {
    name = text(function_name(f.getName()));
  } else {
    Constant*& known = functions_[subprogram];
    if (known == nullptr) known = text(function_name(*subprogram));
    name = known;
  }
  if (where == nullptr) {
    return ConstantStruct::get(frame_type_, {name, text(subprogram != nullptr ? file_path(subprogram->getFile()) : ""), number(0), number(0), none});
  }
  Constant* const caller = where->getInlinedAt() != nullptr ? shared_frame(where->getInlinedAt(), f) : none;
  return ConstantStruct::get(frame_type_, {name, text(file_path(where->getFile())), number(where->getLine()), number(where->getColumn()), caller});
}

Constant* site_emitter::shared_frame(const DILocation* where, const Function& f) {
  if (Constant* known = frames_.lookup(where)) return known;
  Constant* fields = frame_fields(where, f);
  auto* g = new GlobalVariable(module_, frame_type_, true, GlobalValue::PrivateLinkage, fields, "ravel.frame");
  g->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  g->setAlignment(Align(8));
  return frames_[where] = g;
}

Constant* site_emitter::site_fields(Instruction& at, Value* pointer, std::uint64_t size, unsigned flags) {
  LLVMContext& c = module_.getContext();
  Function& f = *at.getFunction();
  const std::string variable = pointer != nullptr ? variables_.name(at, *pointer) : std::string();
  const auto number = [&](std::uint64_t n) { return ConstantInt::get(Type::getInt32Ty(c), n); };
  return ConstantStruct::get(
      site_type_, {frame_fields(place_of(at), f), variable.empty() ? ConstantPointerNull::get(PointerType::getUnqual(c)) : text(variable),
                   number(size), number(flags)});
}

Constant* site_emitter::place(Constant* content, Function& f) {
  auto* g = new GlobalVariable(module_, content->getType(), true, GlobalValue::PrivateLinkage, content, "ravel.site");
  g->setSection("ravel_sites");
  g->setAlignment(Align(8));
  if (f.hasComdat() && f.hasLinkOnceLinkage()) g->setComdat(f.getComdat());
  return g;
}

Constant* site_emitter::site(Instruction& at, Value* pointer, std::uint64_t size, unsigned flags) {
  return place(site_fields(at, pointer, size, flags), *at.getFunction());
}

Constant* site_emitter::sites(const access_group& group) {
  SmallVector<Constant*, 4> all;
  for (const auto& [a, distance] : zip_equal(group.members, group.distances)) {
    const unsigned more = all.size() + 1 < group.members.size() ? RAVEL_SITE_MORE : 0;
    all.push_back(site_fields(*a.at, a.pointer, a.size, site_flags(a) | more | static_cast<unsigned>(distance) << RAVEL_SITE_OFFSET_BITS));
  }
  return place(ConstantArray::get(ArrayType::get(site_type_, all.size()), all), *group.members.front().at->getFunction());
}

unsigned site_flags(const access& a) { return (a.write ? RAVEL_SITE_WRITE : 0u) | (a.vptr ? RAVEL_SITE_VPTR : 0u); }

}  // namespace ravel::instrument
