#include "instrument/pass/variable_name.hpp"

#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Operator.h>

#include "instrument/pass/debug_type_path.hpp"
#include "instrument/pass/function_name.hpp"

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
  SmallVector<DbgValueInst*, 4> values;
  SmallVector<DbgVariableRecord*, 4> records;
  findDbgValues(values, v, &records);
  for (const DbgVariableRecord* r : records) {
    if (r->getExpression()->isDeref()) return r->getVariable();
  }
  return nullptr;
}

// A variable whose value is `v`. Arguments of this function before those of functions inlined into it.
const DILocalVariable* variable_with_value(Value* v) {
  SmallVector<DbgValueInst*, 4> values;
  SmallVector<DbgVariableRecord*, 4> records;
  findDbgValues(values, v, &records);
  const DILocalVariable* found = nullptr;
  for (const DbgVariableRecord* r : records) {
    if (r->getExpression()->getNumElements() != 0) continue;
    if (r->getDebugLoc().getInlinedAt() == nullptr) return r->getVariable();
    if (found == nullptr) found = r->getVariable();
  }
  return found;
}

bool is_element_access(StringRef name) { return name == "operator[]" || name == "at" || name == "front" || name == "back"; }
bool is_dereference(StringRef name) { return name == "operator*" || name == "operator->" || name == "get"; }

// "->balance" of ".balance".
std::string through_pointer(const std::string& pointer, const std::string& members) {
  if (members.empty()) return "*" + pointer;
  if (members.starts_with("[]")) return "(*" + pointer + ")" + members;
  return pointer + "->" + members.substr(1);
}

}  // namespace

variable_names::object variable_names::inside(const object& whole, std::uint64_t offset, bool indexed) {
  if (whole.of_library) return whole;
  const type_path path = path_to(whole.type, offset);
  object o;
  o.type = path.type;
  o.of_library = path.in_library;
  std::string members = path.members;
  if (indexed && members.find("[]") == std::string::npos) members = "[]" + members;
  o.text = whole.text.empty() && !members.empty() ? members.substr(1) : whole.text + members;
  if (whole.text.starts_with("*")) o.text = through_pointer(whole.text.substr(1), members);
  return o;
}

std::optional<variable_names::object> variable_names::dereferenced(const object& pointer) {
  if (pointer.of_library) {
    // The elements of a container, however it keeps them.
    object elements = pointer;
    if (!elements.text.empty() && !elements.text.ends_with("[]")) elements.text += "[]";
    return elements;
  }
  const DIType* target = pointee(pointer.type);
  if (target == nullptr) return std::nullopt;
  object o;
  o.type = target;
  o.of_library = is_library_class(target);
  if (pointer.text == "this") o.text = "";
  else o.text = is_reference(pointer.type) ? pointer.text : "*" + pointer.text;
  return o;
}

// The object a pointer value leads to, when the pointer itself has a name.
std::optional<variable_names::object> variable_names::pointed_to_by(Value& pointer, int depth) {
  if (depth > deepest) return std::nullopt;
  if (const DILocalVariable* v = variable_with_value(&pointer)) {
    if (auto o = dereferenced({is_this(*v) ? "this" : v->getName().str(), v->getType(), false})) return o;
  }
  if (auto* load = dyn_cast<LoadInst>(&pointer)) {
    if (auto holder = at_address(*load->getPointerOperand(), depth + 1)) return dereferenced(*holder);
    return std::nullopt;
  }
  if (auto* call = dyn_cast<CallBase>(&pointer); call != nullptr && call->getCalledFunction() != nullptr && call->arg_size() > 0) {
    const std::string callee = base_name(call->getCalledFunction()->getName());
    if (!call->getArgOperand(0)->getType()->isPointerTy()) return std::nullopt;
    if (is_element_access(callee) || is_dereference(callee)) {
      if (auto container = at_address(*call->getArgOperand(0), depth + 1); container && !container->text.empty()) {
        // What the container holds is a type of its own; debug information names it only by template arguments.
        return object{is_element_access(callee) ? container->text + "[]" : "*" + container->text, nullptr, false};
      }
    }
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
    return object{v->getName().str(), v->getType(), is_library_class(v->getType())};
  }
  if (const DILocalVariable* v = variable_at(&pointer)) {
    return object{is_this(*v) ? "this" : v->getName().str(), v->getType(), is_library_class(v->getType())};
  }
  if (auto* step = dyn_cast<GEPOperator>(&pointer)) {
    MapVector<Value*, APInt> variable_offsets;
    APInt constant(layout_.getIndexTypeSizeInBits(step->getType()), 0);
    const bool known = step->collectOffset(layout_, constant.getBitWidth(), variable_offsets, constant);
    if (auto whole = at_address(*step->getPointerOperand(), depth + 1)) {
      return inside(*whole, known && !constant.isNegative() ? constant.getZExtValue() : 0, !known || !variable_offsets.empty());
    }
    return std::nullopt;
  }
  if (auto* either = dyn_cast<SelectInst>(&pointer)) return at_address(*either->getTrueValue(), depth + 1);
  if (auto* phi = dyn_cast<PHINode>(&pointer)) {
    if (auto named = pointed_to_by(pointer, depth)) return named;
    // A pointer that walks along an array: the value it starts from names it.
    for (Value* from : phi->incoming_values()) {
      if (from != phi && !isa<PHINode>(from)) {
        if (auto o = at_address(*from, depth + 2)) return o;
      }
    }
    return std::nullopt;
  }
  return pointed_to_by(pointer, depth);
}

std::string variable_names::name(Instruction&, Value& pointer, std::uint64_t) {
  auto o = at_address(pointer, 0);
  if (!o) return {};
  // An object as a whole is accessed at its first member.
  if (!o->of_library && o->type != nullptr) o = inside(*o, 0, false);
  return o->text == "this" ? std::string() : o->text;
}

}  // namespace ravel::instrument
