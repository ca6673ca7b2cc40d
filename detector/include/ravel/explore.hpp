#pragma once
// Controlled schedules: a body run many times, each time with other goroutines going first, with the race detector on. Needs -race.
//
// In a controlled run all goroutines share one OS thread. A strategy decides before each operation on channels, sync objects, atomics and
// timers who goes on, and every other choice (select case, timers due together). Time is virtual: it jumps when nobody can run. Memory is
// sequentially consistent: bugs that need a weaker order are not found, and every verdict says so. There is no such tool in Go; the nearest
// is testing/synctest with a controlled scheduler.
//
// The body is run again and again in one process: what it needs it must make itself. Globals keep their values from schedule to schedule; the
// verdict names those that the body changes. RAVEL_GLOBALS in the environment: restore (they are put back, as with options::restore_globals) or
// keep (on purpose: they are not named). Thread-local variables and the heap are never put back.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#ifndef RAVEL_RACE
#define RAVEL_RACE 0
#endif
#if !RAVEL_RACE
#error "<ravel/explore.hpp> explores with the race detector on: compile and link with ravel++ -race"
#endif

namespace ravel { inline namespace v1_race {
namespace explore {

enum class kind : std::uint8_t { race, deadlock, leak, lock_order, channel_misuse, sync_misuse, panic, assertion, livelock };

const char* name_of(kind k);  // "race", "deadlock", ...

struct failure {
  enum kind kind = kind::race;
  std::string message;
  std::string schedule;  // the line that replays it
  std::string report;    // text: stacks of a race, or of all goroutines
};

struct options {
  std::uint64_t schedules = 1000;
  // "portfolio", "random", "pct:3" (depth), "pos", "surw", "bounded:2" (preemptions), "rf", "round-robin", "exhaustive", "check-determinism"
  std::string strategy = "portfolio";
  std::uint64_t seed = 1;
  std::uint64_t max_steps = 100'000;        // a schedule that takes more is cut short; a livelock when it only spun
  double time_limit = 0;                    // seconds for all schedules; 0: none
  // "accesses": each access to memory is a scheduling point too, for what goes wrong between two of them. "sync": only those at places that have
  // raced, once a race has been found.
  std::string points = "sync";
  bool stop_on_failure = true;
  // What the network may do that a good one does not, as the strategy chooses: "" (nothing), "all", or some of "refuse" (nobody is there), "reset" (a
  // connection breaks), "silence" (what is sent from some moment on is lost, so that only time tells), "short-reads", "split-writes", "delay" (of
  // 10 ms or 1 s), with commas between. The network is simulated in memory: net::pipe, and net::listen and net::dial on the loopback and on
  // Unix sockets; others are refused. Each connection breaks or falls silent at one of its first eight reads and writes.
  std::string network = {};
  bool leaks = true;                        // goroutines still blocked for good when the body has returned are a failure
  bool lock_order = true;                   // locks taken in orders that hang in another schedule are a failure too
  bool shrink = true;                       // failing schedules are made as simple as can be
  // Variables with static storage of the executable are put back before each schedule to what they were before the first; those that held memory
  // of the heap then, or that a function initialises when it is first called, are named instead. Needs a program that is not stripped.
  bool restore_globals = false;
  std::uint32_t shard = 0;                  // runs the schedules whose number modulo `shards` is `shard`
  std::uint32_t shards = 0;                 // 0: as the environment says (GTEST_*, TEST_* of Bazel, JOB_COMPLETION_INDEX)
};

struct result {
  std::uint64_t schedules = 0;              // executions run
  std::uint64_t distinct = 0;               // that differ in the order of operations that do not commute
  bool complete = false;                    // an exhaustive strategy has seen all
  std::vector<failure> failures;            // each kind of message, or pair of places, once
  std::string verdict;                      // one line
  bool ok() const { return failures.empty(); }
};

// Ends the schedule that is being run with an assertion failure; outside of one the process, by abort().
void fail(std::string_view message);


namespace detail {
result run(void (*body)(void*), void* argument, const options& o);
result replay(void (*body)(void*), void* argument, std::string_view line);

// A function's address is an argument of another kind than an object's.
template <class F>
void call(void* body) {
  if constexpr (std::is_function_v<F>) reinterpret_cast<F*>(body)();
  else (*static_cast<F*>(body))();
}
template <class F>
void* argument_of(F& body) {
  if constexpr (std::is_function_v<F>) return reinterpret_cast<void*>(&body);
  else return const_cast<void*>(static_cast<const void*>(&body));
}

// For test libraries: told before and after each schedule; a message that `after` gives is an assertion failure of that schedule.
struct observer {
  void (*before)(void* context) = nullptr;
  bool (*after)(void* context, std::string& message) = nullptr;
  void* context = nullptr;
};
void observe(const observer& o);
void tests_replay_themselves();   // before main: RAVEL_REPLAY is for one of the program's tests, not for its main

// Findings printed so far outside controlled schedules, and the text of one of them, from 0; "" unless they have been kept since before it.
void keep_reports();
std::size_t reports();
std::string report_text(std::size_t number);
}  // namespace detail

// Runs body() under o.schedules schedules. Throws std::invalid_argument for options that make no sense, naming what is allowed;
// std::logic_error inside a controlled run, or on a thread the runtime did not make.
template <class F>
result run(F&& body, const options& o = {}) {
  using function = std::remove_reference_t<F>;
  return detail::run(detail::call<function>, detail::argument_of<function>(body), o);
}

// Runs body() under the schedule of a failure's line. The verdict begins with "reproduced", "not reproducible" or "diverged". Throws
// std::invalid_argument for a line that is none.
template <class F>
result replay(F&& body, std::string_view line) {
  using function = std::remove_reference_t<F>;
  return detail::replay(detail::call<function>, detail::argument_of<function>(body), line);
}

}  // namespace explore
} }
