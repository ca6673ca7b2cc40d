#include "instrument/vet/paths.hpp"

#include <clang/AST/StmtCXX.h>
#include <clang/Analysis/CFG.h>

#include <set>
#include <vector>

namespace ravel::vet {

using namespace clang;

namespace {

struct search {
  const CFG& graph;
  const Stmt* from;
  const std::function<bool(const Stmt*)>& stops;
  const std::function<bool(const Stmt*)>& avoids;
  std::set<unsigned> seen;
  way_out result;

  // Follows the block from its element `begin`.
  void follow(const CFGBlock& block, std::size_t begin) {
    const Stmt* last = nullptr;
    for (std::size_t i = begin; i < block.size(); ++i) {
      const auto element = block[i].getAs<CFGStmt>();
      if (!element) continue;
      const Stmt* s = element->getStmt();
      if (s == from) {
        result = {true, from};
        return;
      }
      if (stops(s) || llvm::isa<CXXThrowExpr>(s)) return;
      if (llvm::isa<ReturnStmt>(s)) last = s;
    }
    if (block.hasNoReturnElement()) return;
    const Stmt* condition = block.getTerminatorStmt();
    if (condition != nullptr && avoids(condition)) return;
    for (const CFGBlock* next : block.succs()) {
      if (result.found) return;
      if (next == nullptr) continue;
      if (next == &graph.getExit()) result = {true, last};
      else if (seen.insert(next->getBlockID()).second) follow(*next, 0);
    }
  }
};

}  // namespace

way_out find_way_out(const facts& f, const unit* u, const Stmt* from, const std::function<bool(const Stmt*)>& stops,
                     const std::function<bool(const Stmt*)>& avoids) {
  CFG::BuildOptions options;
  options.setAllAlwaysAdd();
  const std::unique_ptr<CFG> graph = CFG::buildCFG(u->function, const_cast<Stmt*>(u->body), &f.context, options);
  if (graph == nullptr) return {};
  search s{*graph, from, stops, avoids, {}, {}};
  for (const CFGBlock* block : *graph) {
    for (std::size_t i = 0; i < block->size(); ++i) {
      const auto element = (*block)[i].getAs<CFGStmt>();
      if (element && element->getStmt() == from) {
        s.follow(*block, i + 1);
        return s.result;
      }
    }
  }
  return {};
}

}  // namespace ravel::vet
