#include "instrument/pass/abi.hpp"

#include <llvm/ADT/StringMap.h>
#include <llvm/Transforms/Utils/ModuleUtils.h>

#include <type_traits>

#include "runtime/abi/ravel_abi.h"

namespace ravel::instrument {

using namespace llvm;

namespace {

struct row {
  FunctionType* (*type)(LLVMContext&);
  bool cold;
};

template <class T>
Type* llvm_type(LLVMContext& c) {
  if constexpr (std::is_void_v<T>) return Type::getVoidTy(c);
  else if constexpr (std::is_pointer_v<T>) return PointerType::getUnqual(c);
  else if constexpr (std::is_same_v<T, float>) return Type::getFloatTy(c);
  else if constexpr (std::is_same_v<T, double>) return Type::getDoubleTy(c);
  else return Type::getIntNTy(c, sizeof(T) * 8);
}

template <class T>
struct signature;
template <class Result, class... Parameters>
struct signature<Result(Parameters...)> {
  static FunctionType* type(LLVMContext& c) { return FunctionType::get(llvm_type<Result>(c), {llvm_type<Parameters>(c)...}, false); }
};

const StringMap<row>& rows() {
  static const StringMap<row> table = [] {
    StringMap<row> t;
    const auto is_cold = [](StringRef convention) { return convention == "RAVEL_COLD"; };
#define RAVEL_ENTRY_POINT(result, name, parameters, convention) t[#name] = row{&signature<result parameters>::type, is_cold(#convention)};
#include "runtime/abi/entry_points.def"
#undef RAVEL_ENTRY_POINT
    return t;
  }();
  return table;
}

#define RAVEL_TEXT_OF(x) #x
#define RAVEL_TEXT(x) RAVEL_TEXT_OF(x)

}  // namespace

FunctionCallee abi::entry_point(StringRef name) {
  const auto found = rows().find(name);
  if (found == rows().end()) report_fatal_error("ravel: no entry point " + name);
  FunctionCallee callee = module_.getOrInsertFunction(name, found->second.type(module_.getContext()));
  if (auto* f = dyn_cast<Function>(callee.getCallee()); f != nullptr && f->isDeclaration()) {
    f->setDoesNotThrow();
    if (found->second.cold) {
      f->setCallingConv(CallingConv::PreserveAll);
      if (!name.starts_with("__ravel_check_")) f->addFnAttr(Attribute::Cold);  // those are called all the time
    }
  }
  return callee;
}

FunctionCallee abi::sized_check(bool write, std::uint64_t size) {
  if (size != 1 && size != 2 && size != 4 && size != 8 && size != 16) return {};
  return entry_point(((write ? "__ravel_write" : "__ravel_read") + Twine(size)).str());
}

FunctionCallee abi::check_by_call(bool write, std::uint64_t size) {
  if (size != 1 && size != 2 && size != 4 && size != 8 && size != 16) return {};
  return entry_point(((write ? "__ravel_check_write" : "__ravel_check_read") + Twine(size)).str());
}

FunctionCallee abi::range_check(bool write) { return entry_point(write ? "__ravel_write_range" : "__ravel_read_range"); }

CallInst* abi::call(IRBuilder<>& b, FunctionCallee callee, ArrayRef<Value*> arguments) {
  CallInst* c = b.CreateCall(callee, arguments);
  if (const auto* f = dyn_cast<Function>(callee.getCallee())) c->setCallingConv(f->getCallingConv());
  c->setDoesNotThrow();
  return c;
}

Value* abi::thread_local_address(IRBuilder<>& b, StringRef name, unsigned bytes) {
  GlobalVariable* g = module_.getGlobalVariable(name);
  if (g == nullptr) {
    // Code for an executable may count on the library being linked into it: one instruction less than in a shared object.
    const bool executable = module_.getPICLevel() == PICLevel::NotPIC || module_.getPIELevel() != PIELevel::Default;
    const auto model = executable ? GlobalValue::LocalExecTLSModel : GlobalValue::InitialExecTLSModel;
    g = new GlobalVariable(module_, b.getIntNTy(bytes * 8), false, GlobalValue::ExternalLinkage, nullptr, name, nullptr, model);
    g->setAlignment(Align(bytes));
    g->setDSOLocal(executable);
  }
  return b.CreateThreadLocalAddress(g);
}

Value* abi::load_current(IRBuilder<>& b) { return b.CreateAlignedLoad(b.getInt64Ty(), thread_local_address(b, "__ravel_current"), Align(8), "current"); }
Value* abi::load_context(IRBuilder<>& b) { return b.CreateAlignedLoad(b.getInt64Ty(), thread_local_address(b, "__ravel_context"), Align(8), "context"); }
Value* abi::load_yield_request(IRBuilder<>& b) {
  return b.CreateAlignedLoad(b.getInt32Ty(), thread_local_address(b, "__ravel_yield_request", 4), Align(4), "yield_request");
}
void abi::store_context(IRBuilder<>& b, Value* value) { b.CreateAlignedStore(value, thread_local_address(b, "__ravel_context"), Align(8)); }

bool abi::is_entry_point(StringRef name) { return rows().contains(name); }

FunctionType* abi::entry_point_type(StringRef name, LLVMContext& c) {
  const auto found = rows().find(name);
  return found == rows().end() ? nullptr : found->second.type(c);
}

bool abi::is_cold(const Function& f) {
  const auto found = rows().find(f.getName());
  return found != rows().end() && found->second.cold;
}

bool abi::is_check_by_call(const Instruction& i) {
  const auto* call = dyn_cast<CallBase>(&i);
  const Function* f = call == nullptr ? nullptr : call->getCalledFunction();
  return f != nullptr && f->getName().starts_with("__ravel_check_");
}

void abi::refer_to_version() {
  const char* const name = RAVEL_TEXT(RAVEL_ABI_SYMBOL);
  auto* symbol = cast<GlobalVariable>(module_.getOrInsertGlobal(name, Type::getInt8Ty(module_.getContext())));
  symbol->setConstant(true);
  auto* reference = new GlobalVariable(module_, PointerType::getUnqual(module_.getContext()), true, GlobalValue::PrivateLinkage, symbol, "ravel_abi_version");
  appendToUsed(module_, {reference});
}

}  // namespace ravel::instrument
