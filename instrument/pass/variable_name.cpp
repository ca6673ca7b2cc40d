#include "instrument/pass/variable_name.hpp"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Operator.h>

#include "instrument/pass/debug_type_path.hpp"
#include "instrument/pass/function_name.hpp"
#include "instrument/pass/skip_functions.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

constexpr int deepest = 8;  // pointers followed; longer chains of names help nobody

bool is_this(const DILocalVariable& v) { return v.isArtificial() && v.getName() == "this"; }

// A variable that lives at the address `v`.
const DILocalVariable* variable_at(Value* v) {
  for (const DbgVariableRecord* r : findDVRDeclares(v)) {
    if (r->getExpression()->getNumElements() == 0) return r->getVariable();
  }
  for (const DbgDeclareInst* d : findDbgDeclares(v)) {
    if (d->getExpression()->getNumElements() == 0) return d->getVariable();
  }
  // The optimiser ties a variable to its stack slot by assignments instead.
  if (const auto* slot = dyn_cast<AllocaInst>(v)) {
    for (const DbgVariableRecord* r : at::getDVRAssignmentMarkers(slot)) {
      if (r->getAddress() == v && r->getExpression()->getNumElements() == 0 && r->getAddressExpression()->getNumElements() == 0) return r->getVariable();
    }
  }
  SmallVector<DbgValueInst*, 4> values;
  SmallVector<DbgVariableRecord*, 4> records;
  findDbgValues(values, v, &records);
  for (const DbgVariableRecord* r : records) {
    if (r->getExpression()->isDeref()) return r->getVariable();
  }
  return nullptr;
}

// Parameters and locals of the C++ library's functions and of Ravel's own, __begin1 of a range-based for loop: names no user has ever written.
bool is_users(const DILocalVariable& v) {
  if (v.isArtificial() && !is_this(v)) return false;
  const DISubprogram* f = v.getScope()->getSubprogram();
  if (f == nullptr) return false;
  if (f->getFile() != nullptr && f->getFile()->getFilename().contains("/include/c++/")) return false;
  return !is_ravels_own(f->getLinkageName());
}

// The value of a pointer, or the pointer in a span or string_view, which the optimiser takes apart. A lock_guard, as a whole one pointer,
// leads to nothing of its own.
bool is_value_or_part(const DbgVariableRecord& r) {
  const DIExpression& e = *r.getExpression();
  const bool of_library = is_library_class(r.getVariable()->getType());
  return of_library ? e.getNumElements() == 3 && e.getFragmentInfo() : e.getNumElements() == 0;
}

// for (x : range) keeps __beginN, and __rangeN, which refers to the range: the address in __rangeN, for the memory of __beginN. Only in
// code that is not optimised; else there is no such memory.
Value* range_of(AllocaInst& begin, const DILocalVariable& v) {
  StringRef number = v.getName();
  if (!v.isArtificial() || !number.consume_front("__begin")) return nullptr;
  for (Instruction& i : *begin.getParent()) {
    auto* memory = dyn_cast<AllocaInst>(&i);
    if (memory == nullptr) continue;
    for (const DbgVariableRecord* r : findDVRDeclares(memory)) {
      const DILocalVariable& range = *r->getVariable();
      if (range.getScope() != v.getScope() || range.getName() != ("__range" + number).str()) continue;
      for (User* user : memory->users()) {
        if (auto* store = dyn_cast<StoreInst>(user); store != nullptr && store->getPointerOperand() == memory) return store->getValueOperand();
      }
    }
  }
  return nullptr;
}

// Member functions of the library's that return what their object leads to.
bool leads_behind_its_object(const Function& f) {
  StringRef mangled = f.getName();
  if (!mangled.consume_front("_ZNK") && !mangled.consume_front("_ZN")) return false;
  if (!mangled.starts_with("St") && !mangled.starts_with("9__gnu_cxx")) return false;
  const std::string name = base_name(f.getName());
  return is_contained({"operator[]", "at", "front", "back", "operator*", "operator->", "get"}, name);
}

const DISubprogram* function_of(const DILocation* l) { return l == nullptr ? nullptr : l->getScope()->getSubprogram(); }

// What `members` of an object are called: balance of "", account.balance, from->balance of *from, numbers[] of *numbers.
std::string with_members(const std::string& object, const std::string& members) {
  if (members.empty()) return object;
  if (object.empty()) return members.front() == '.' ? members.substr(1) : members;
  if (object.front() != '*') return object + members;
  return object.substr(1) + (members.front() == '.' ? "->" + members.substr(1) : members);
}

std::uint64_t bytes_of(const DIType* t) {
  const DIType* bare = bare_type(t);
  return bare == nullptr ? 0 : bare->getSizeInBits() / 8;
}

bool is_array(const DIType* t) {
  const DIType* bare = bare_type(t);
  return bare != nullptr && bare->getTag() == dwarf::DW_TAG_array_type;
}

}  // namespace

variable_names::object variable_names::innermost(object o) {
  if (o.of_library) return o;
  const auto size = static_cast<std::int64_t>(bytes_of(o.type));
  const bool outside = size != 0 && (o.offset < 0 || o.offset >= size);
  const bool element = (o.indexed || outside) && !is_array(o.type);
  if (size != 0) o.offset = (o.offset % size + size) % size;
  const type_path path = path_to(o.type, static_cast<std::uint64_t>(o.offset));
  const bool has_brackets = StringRef(o.text).ends_with("[]");
  return object{with_members(o.text, (element && !has_brackets && !o.text.empty() ? "[]" : "") + path.members), path.type, 0, false, path.in_library};
}

// What an object of the library's leads to: the target of a smart pointer, the elements of a container, if only that there are some.
variable_names::object variable_names::behind_library_object(const object& holder) {
  const auto* holder_type = dyn_cast_or_null<DICompositeType>(bare_type(holder.type));
  const StringRef name = holder_type == nullptr ? StringRef() : holder_type->getName();
  const bool smart_pointer = name.starts_with("unique_ptr<") || name.starts_with("shared_ptr<");
  const bool array_like = name.starts_with("vector<") || name.starts_with("array<");
  object target = holder;
  target.offset = 0;
  if (smart_pointer || array_like) {
    const DITemplateParameterArray parameters = holder_type->getTemplateParams();
    target.type = parameters.empty() ? nullptr : parameters[0]->getType();
    target.of_library = is_library_class(target.type);
  }
  if (holder.text.empty()) return target;
  if (smart_pointer) target.text = "*" + holder.text;
  else if (!StringRef(holder.text).ends_with("[]")) target.text += "[]";
  return target;
}

std::optional<variable_names::object> variable_names::dereferenced(const object& pointer) {
  if (pointer.of_library) return behind_library_object(pointer);
  const DIType* target = pointee(pointer.type);
  if (target == nullptr) return std::nullopt;
  object o;
  o.type = target;
  o.of_library = is_library_class(target);
  if (pointer.text != "this") o.text = is_reference(pointer.type) ? pointer.text : "*" + pointer.text;
  return o;
}

// A user's variable whose value is `v`: of the frames of the access, innermost first, else any.
const DILocalVariable* variable_names::variable_with_value(Value* v) const {
  SmallVector<DbgValueInst*, 4> values;
  SmallVector<DbgVariableRecord*, 4> records;
  findDbgValues(values, v, &records);
  erase_if(records, [](const DbgVariableRecord* r) { return !is_value_or_part(*r) || !is_users(*r->getVariable()); });
  for (const DILocation* frame = at_; frame != nullptr; frame = frame->getInlinedAt()) {
    for (const DbgVariableRecord* r : records) {
      const DILocation* l = r->getDebugLoc().get();
      if (function_of(l) == function_of(frame) && l->getInlinedAt() == frame->getInlinedAt()) return r->getVariable();
    }
  }
  return records.empty() ? nullptr : records.front()->getVariable();
}

// What the iterator of a range-based for loop leads to.
std::optional<variable_names::object> variable_names::element_of_range(Value& iterator, int depth) {
  auto* memory = dyn_cast<AllocaInst>(&iterator);
  const DILocalVariable* v = memory == nullptr ? nullptr : variable_at(memory);
  Value* range = v == nullptr ? nullptr : range_of(*memory, *v);
  if (range == nullptr) return std::nullopt;
  auto container = at_address(*range, depth);
  if (!container) return std::nullopt;
  if (const object whole = innermost(*container); whole.of_library) return behind_library_object(whole);
  container->indexed = true;
  return container;
}

// The object a pointer value leads to, when the pointer itself has a name.
std::optional<variable_names::object> variable_names::pointed_to_by(Value& pointer, int depth) {
  if (depth > deepest) return std::nullopt;
  if (const DILocalVariable* v = variable_with_value(&pointer)) {
    if (auto o = dereferenced({is_this(*v) ? "this" : v->getName().str(), v->getType(), 0, false, is_library_class(v->getType())})) return o;
  }
  if (auto* load = dyn_cast<LoadInst>(&pointer)) {
    if (auto element = element_of_range(*load->getPointerOperand(), depth + 1)) return element;
    if (auto holder = at_address(*load->getPointerOperand(), depth + 1)) return dereferenced(innermost(*holder));
    return std::nullopt;
  }
  if (auto* call = dyn_cast<CallBase>(&pointer); call != nullptr && call->getCalledFunction() != nullptr && call->arg_size() > 0) {
    if (!call->getArgOperand(0)->getType()->isPointerTy() || !leads_behind_its_object(*call->getCalledFunction())) return std::nullopt;
    if (auto element = element_of_range(*call->getArgOperand(0), depth + 1)) return element;
    auto holder = at_address(*call->getArgOperand(0), depth + 1);
    if (!holder) return std::nullopt;
    const object library_object = innermost(*holder);
    if (library_object.of_library && !library_object.text.empty()) return behind_library_object(library_object);
  }
  return std::nullopt;
}

std::optional<variable_names::object> variable_names::at_address(Value& pointer, int depth) {
  if (depth > deepest) return std::nullopt;
  if (auto* g = dyn_cast<GlobalVariable>(&pointer)) {
    SmallVector<DIGlobalVariableExpression*, 1> found;
    g->getDebugInfo(found);
    if (found.empty()) return std::nullopt;
    const DIGlobalVariable* v = found.front()->getVariable();
    return object{v->getName().str(), v->getType(), 0, false, is_library_class(v->getType())};
  }
  if (const DILocalVariable* v = variable_at(&pointer)) {
    if (v->isArtificial() && !is_this(*v)) return std::nullopt;
    return object{is_this(*v) ? "this" : v->getName().str(), v->getType(), 0, false, is_library_class(v->getType())};
  }
  if (auto* step = dyn_cast<GEPOperator>(&pointer)) {
    auto whole = at_address(*step->getPointerOperand(), depth + 1);
    if (!whole || whole->of_library) return whole;
    MapVector<Value*, APInt> variable_offsets;
    APInt constant(layout_.getIndexTypeSizeInBits(step->getType()), 0);
    const bool known = step->collectOffset(layout_, constant.getBitWidth(), variable_offsets, constant);
    if (known) whole->offset += constant.getSExtValue();
    whole->indexed |= !known || !variable_offsets.empty();
    return whole;
  }
  if (auto* either = dyn_cast<SelectInst>(&pointer)) return at_address(*either->getTrueValue(), depth + 1);
  if (auto* phi = dyn_cast<PHINode>(&pointer)) {
    if (auto named = pointed_to_by(pointer, depth)) return named;
    // A pointer that walks along an array: the value it starts from names it.
    for (Value* from : phi->incoming_values()) {
      if (from != phi) {
        if (auto o = at_address(*from, depth + 2)) return o;
      }
    }
    return std::nullopt;
  }
  return pointed_to_by(pointer, depth);
}

std::string variable_names::name(Instruction& at, Value& pointer) {
  at_ = at.getDebugLoc().get();
  const auto o = at_address(pointer, 0);
  if (!o) return {};
  const std::string text = innermost(*o).text;
  return text == "this" ? std::string() : text;
}

}  // namespace ravel::instrument
