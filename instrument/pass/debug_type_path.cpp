#include "instrument/pass/debug_type_path.hpp"

#include <llvm/BinaryFormat/Dwarf.h>

namespace ravel::instrument {

using namespace llvm;

const DIType* bare_type(const DIType* t) {
  while (const auto* d = dyn_cast_or_null<DIDerivedType>(t)) {
    switch (d->getTag()) {
      case dwarf::DW_TAG_typedef:
      case dwarf::DW_TAG_const_type:
      case dwarf::DW_TAG_volatile_type:
      case dwarf::DW_TAG_restrict_type:
      case dwarf::DW_TAG_atomic_type: t = d->getBaseType(); break;
      default: return t;
    }
  }
  return t;
}

const DIType* pointee(const DIType* t) {
  const auto* d = dyn_cast_or_null<DIDerivedType>(bare_type(t));
  if (d == nullptr) return nullptr;
  switch (d->getTag()) {
    case dwarf::DW_TAG_pointer_type:
    case dwarf::DW_TAG_reference_type:
    case dwarf::DW_TAG_rvalue_reference_type: return d->getBaseType();
    default: return nullptr;
  }
}

bool is_reference(const DIType* t) {
  const auto* d = dyn_cast_or_null<DIDerivedType>(bare_type(t));
  return d != nullptr && (d->getTag() == dwarf::DW_TAG_reference_type || d->getTag() == dwarf::DW_TAG_rvalue_reference_type);
}

bool is_library_class(const DIType* t) {
  const auto* c = dyn_cast_or_null<DICompositeType>(bare_type(t));
  if (c == nullptr) return false;
  for (const DIScope* s = c->getScope(); s != nullptr; s = s->getScope()) {
    if (const auto* n = dyn_cast<DINamespace>(s); n != nullptr && (n->getName() == "std" || n->getName() == "ravel" || n->getName() == "__gnu_cxx")) {
      return true;
    }
  }
  return false;
}

type_path path_to(const DIType* t, std::uint64_t offset) {
  type_path path;
  for (int depth = 0; depth < 32; ++depth) {  // types that contain themselves do not exist; broken debug information might
    path.type = t;
    const auto* c = dyn_cast_or_null<DICompositeType>(bare_type(t));
    if (c == nullptr) return path;
    if (is_library_class(c)) {
      path.in_library = true;
      return path;
    }
    if (c->getTag() == dwarf::DW_TAG_array_type) {
      path.members += "[]";
      t = c->getBaseType();
      const std::uint64_t element = t != nullptr ? t->getSizeInBits() / 8 : 0;
      offset = element != 0 ? offset % element : 0;
      continue;
    }
    const DIDerivedType* found = nullptr;
    for (const DINode* node : c->getElements()) {
      const auto* member = dyn_cast<DIDerivedType>(node);
      if (member == nullptr || member->isStaticMember()) continue;
      if (member->getTag() != dwarf::DW_TAG_member && member->getTag() != dwarf::DW_TAG_inheritance) continue;
      const std::uint64_t begin = member->getOffsetInBits() / 8;
      const std::uint64_t size = member->getTag() == dwarf::DW_TAG_inheritance && member->getBaseType() != nullptr
                                     ? member->getBaseType()->getSizeInBits() / 8
                                     : (member->getSizeInBits() + 7) / 8;
      if (offset < begin || offset >= begin + (size == 0 ? 1 : size)) continue;
      // An empty base class overlaps the first member.
      if (found == nullptr || found->getTag() == dwarf::DW_TAG_inheritance) found = member;
    }
    if (found == nullptr || found->getName().starts_with("_vptr")) return path;
    if (!found->getName().empty()) path.members += ("." + found->getName()).str();
    offset -= found->getOffsetInBits() / 8;
    t = found->getBaseType();
  }
  return path;
}

}  // namespace ravel::instrument
