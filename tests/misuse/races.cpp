// Misuse that shows as a data race, and the twins that are in order.

#include <atomic>

#include "tests/programs/program.hpp"

using namespace ravel;
using namespace std::chrono_literals;
using programs::together;
using programs::until;

RAVEL_PROGRAM(race_c28_message_written_after_the_send) {
  struct message { int value = 0; };
  message m;
  auto c = make_chan<message*>(1);
  together(
      [&] {
        c << &m;
        m.value = 1;  // races
      },
      [&] { programs::use((*c.recv())->value); });  // races
}
RAVEL_PROGRAM(norace_c28_message_written_before_the_send) {
  struct message { int value = 0; };
  message m;
  auto c = make_chan<message*>(1);
  together(
      [&] {
        m.value = 1;
        c << &m;
      },
      [&] { programs::use((*c.recv())->value); });
}

RAVEL_PROGRAM(race_p01_used_after_put) {
  int object = 0;
  pool<int*> p([] { return nullptr; });
  together(
      [&] {
        p.put(&object);
        object = 1;  // races
      },
      [&] {
        int* mine = nullptr;
        until([&] { return (mine = p.get()) != nullptr; });
        *mine = 2;  // races
      });
}
RAVEL_PROGRAM(norace_p01_used_before_put) {
  int object = 0;
  pool<int*> p([] { return nullptr; });
  together(
      [&] {
        object = 1;
        p.put(&object);
      },
      [&] {
        int* mine = nullptr;
        until([&] { return (mine = p.get()) != nullptr; });
        *mine = 2;
      });
}

// The function has begun when the timer is stopped: stop says so by false, and does not wait for it.
RAVEL_PROGRAM(race_t05_state_of_a_function_that_still_runs) {
  int state = 0;
  std::atomic<bool> begun{false}, over{false};
  auto t = after_func(0ms, [&] {
    begun.store(true, std::memory_order_relaxed);
    programs::use(state);  // races
    over.store(true, std::memory_order_relaxed);
  });
  until([&] { return begun.load(std::memory_order_relaxed); });
  t.stop();
  state = 1;  // races
  until([&] { return over.load(std::memory_order_relaxed); });
}
RAVEL_PROGRAM(norace_t05_waits_for_the_function) {
  int state = 0;
  auto over = make_chan<unit>(1);
  auto t = after_func(0ms, [&] {
    programs::use(state);
    over << unit{};
  });
  if (!t.stop()) over.recv();
  state = 1;
  programs::keep(state);
}

RAVEL_PROGRAM(race_t06_sleep_for_order) {
  int v = 0;
  wait_group all;
  all.go([&] { v = 1; });  // races
  sleep_for(1ms);
  programs::use(v);  // races
  all.wait();
}
RAVEL_PROGRAM(norace_t06_waits_for_order) {
  int v = 0;
  wait_group all;
  all.go([&] { v = 1; });
  all.wait();
  programs::use(v);
}
