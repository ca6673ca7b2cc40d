#pragma once
// Does an operation block? Asked of the runtime, not of the clock: the goroutine that tries it is watched until it has parked, returned or
// panicked, so that no slow machine is taken for a blocked operation.

#include <ravel/ravel.hpp>

#include <atomic>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>

namespace conformance {

enum class outcome { blocks, returns, panics };

inline std::ostream& operator<<(std::ostream& out, outcome o) {
  return out << (o == outcome::blocks ? "blocks" : o == outcome::returns ? "returns" : "panics");
}

// A goroutine of that name is parked. One that runs or waits for a processor is not.
inline bool is_parked(const std::string& name) {
  std::ostringstream all;
  ravel::dump_goroutines(all);
  const std::string text = all.str();
  const std::size_t at = text.find("(" + name + ") [");
  if (at == text.npos) return false;
  const std::string state = text.substr(at + name.size() + 4, text.find(']', at) - at - name.size() - 4);
  return state.rfind("running", 0) != 0 && state.rfind("runnable", 0) != 0;
}

inline void until_parked(const std::string& name) {
  while (!is_parked(name)) ravel::sleep_for(std::chrono::microseconds(50));
}

// A goroutine's name must outlive it, and some here never end.
inline const char* lasting(std::string name) { return (new std::string(std::move(name)))->c_str(); }

inline std::atomic<int> probes{0};

// What f does. A goroutine whose f blocks is left to the end of the process.
template <class F>
outcome outcome_of(F f) {
  const char* const name = lasting("probe" + std::to_string(++probes));
  auto ended = std::make_shared<std::atomic<int>>(0);
  ravel::go(ravel::go_options{.name = name}, [f, ended]() mutable {
    try {
      f();
      *ended = 1;
    } catch (const ravel::panic_error&) {
      *ended = 2;
    }
  });
  for (;;) {
    if (*ended != 0) return *ended == 1 ? outcome::returns : outcome::panics;
    if (is_parked(name)) return outcome::blocks;
    ravel::sleep_for(std::chrono::microseconds(50));
  }
}

}  // namespace conformance
