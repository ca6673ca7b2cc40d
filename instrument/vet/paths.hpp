#pragma once
// Ways through a function, by clang's control flow graph.

#include <functional>

#include "instrument/vet/facts.hpp"

namespace ravel::vet {

struct way_out {
  bool found = false;
  const clang::Stmt* at = nullptr;  // the return, or `from` again in the next turn of a loop; null: the end of the body
};

// Is there a way from behind the statement `from` to the end of its unit, or back to it, that meets nothing of which `stops` is true? Ways that
// throw or end the process do not count. `avoids` is asked about each condition on the way: true gives the way up, since what it
// depends on is beyond this graph.
way_out find_way_out(const facts& f, const unit* u, const clang::Stmt* from, const std::function<bool(const clang::Stmt*)>& stops,
                     const std::function<bool(const clang::Stmt*)>& avoids);

}  // namespace ravel::vet
