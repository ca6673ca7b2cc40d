#pragma once
// A program of the thread suite: one case a run, chosen by name. race_* must be reported, norace_* must be silent.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

namespace threads_suite {

struct program {
  const char* name;
  void (*run)();
  program* next;
};
inline program* first_program = nullptr;

struct registration {
  registration(program& p) { p.next = std::exchange(first_program, &p); }
};

// An order that the detector cannot see: relaxed operations add no edge. Cases that race do so in one order on every run.
class unseen_order {
 public:
  void reach(int step) { step_.store(step, std::memory_order_relaxed); }
  void count() { step_.fetch_add(1, std::memory_order_relaxed); }
  void wait_for(int step) const {
    while (step_.load(std::memory_order_relaxed) < step) std::this_thread::yield();
  }

 private:
  std::atomic<int> step_{0};
};

// A variable that the optimiser must keep, though nobody reads it.
inline int shared_int = 0;

// Fails the case whatever NDEBUG says.
inline void require(bool condition, const char* what, int line) {
  if (condition) return;
  std::fprintf(stderr, "line %d: not so: %s\n", line, what);
  std::_Exit(1);
}

}  // namespace threads_suite

#define REQUIRE(condition) ::threads_suite::require(condition, #condition, __LINE__)

#define RAVEL_PROGRAM(name)                                                           \
  static void name();                                                                 \
  static ::threads_suite::program program_##name{#name, name, nullptr};               \
  static const ::threads_suite::registration registration_##name{program_##name};     \
  static void name()
