#include "instrument/pass/no_race_lambdas.hpp"

#include <llvm/IR/Constants.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/GlobalVariable.h>

namespace ravel::instrument {

using namespace llvm;

namespace {

// A row of the table is {function or variable, text, file, line, arguments}.
bool is_no_race(const ConstantStruct& row) {
  const auto* text = dyn_cast<GlobalVariable>(row.getOperand(1)->stripPointerCasts());
  const auto* characters = text != nullptr && text->hasInitializer() ? dyn_cast<ConstantDataArray>(text->getInitializer()) : nullptr;
  return characters != nullptr && characters->isCString() && characters->getAsCString() == "ravel::no_race";
}

}  // namespace

SmallPtrSet<const Function*, 4> take_no_race_lambdas(Module& m) {
  SmallPtrSet<const Function*, 4> lambdas;
  GlobalVariable* const table = m.getGlobalVariable("llvm.global.annotations");
  auto* const rows = table != nullptr && table->hasInitializer() ? dyn_cast<ConstantArray>(table->getInitializer()) : nullptr;
  if (rows == nullptr) return lambdas;
  SmallVector<Constant*, 16> others;
  for (const Use& element : rows->operands()) {
    auto* const row = cast<ConstantStruct>(element);
    const auto* lambda = dyn_cast<Function>(row->getOperand(0)->stripPointerCasts());
    if (lambda != nullptr && is_no_race(*row)) lambdas.insert(lambda);
    else others.push_back(row);
  }
  if (lambdas.empty()) return lambdas;
  if (!others.empty()) {
    auto* const type = ArrayType::get(rows->getType()->getElementType(), others.size());
    auto* const rest = new GlobalVariable(m, type, table->isConstant(), table->getLinkage(), ConstantArray::get(type, others));
    rest->copyAttributesFrom(table);
    rest->takeName(table);
  }
  table->eraseFromParent();
  return lambdas;
}

}  // namespace ravel::instrument
