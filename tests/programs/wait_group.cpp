// wait_group: every done happens before the wait it unblocks; adds that race with a wait are races.

#include <atomic>
#include <stdexcept>

#include "program.hpp"

using namespace ravel;
using programs::together;
using programs::until;
using programs::use;

RAVEL_PROGRAM(norace_wait_group) {
  int x = 0;
  wait_group wg;
  for (int i = 0; i < 1; ++i) {
    wg.add();
    go([&x, &wg, i] {
      x = i;
      wg.done();
    });
  }
  wg.wait();
}

RAVEL_PROGRAM(norace_wait_group2) {
  int x = 0;
  wait_group wg;
  wg.add(1);
  go([&] {
    x = 1;
    wg.done();
  });
  wg.wait();
  x = 2;
}

RAVEL_PROGRAM(race_wait_group_wrong_add) {
  wait_group wg;
  std::atomic<bool> added{false}, waits{false};
  auto over = make_chan<unit>(1);
  go([&] {
    wg.add(1);  // races
    added.store(true, std::memory_order_relaxed);
    while (!waits.load(std::memory_order_relaxed)) yield();
    for (int i = 0; i < 100; ++i) yield();  // the wait below blocks meanwhile
    sleep_for(std::chrono::milliseconds(20));
    wg.done();
    over << unit{};
  });
  until([&] { return added.load(std::memory_order_relaxed); });
  waits.store(true, std::memory_order_relaxed);
  wg.wait();  // races
  over.recv();
}

RAVEL_PROGRAM(norace_wait_group_multiple_wait) {
  wait_group wg;
  together([&] { wg.wait(); }, [&] { wg.wait(); });
}

RAVEL_PROGRAM(norace_wait_group_multiple_wait3) {
  constexpr int n = 3;
  int data[n] = {};
  wait_group wg;
  auto over = make_chan<bool>(n);
  wg.add(n);
  for (int i = 0; i < n; ++i) {
    go([&, i] {
      data[i] = 42;
      wg.done();
    });
  }
  for (int i = 0; i < n; ++i) {
    go([&] {
      wg.wait();
      for (int each : data) use(each);
      over << true;
    });
  }
  for (int i = 0; i < n; ++i) over.recv();
}

RAVEL_PROGRAM(race_wait_group2) {
  int x = 0;
  wait_group wg;
  wg.add(2);
  go([&] {
    x = 1;  // races
    wg.done();
  });
  go([&] {
    x = 2;  // races
    wg.done();
  });
  wg.wait();
}

RAVEL_PROGRAM(norace_wait_group_panic_recover) {
  int x = 1;
  wait_group wg;
  try {
    wg.add(-1);
    throw std::logic_error("a negative counter was accepted");
  } catch (const panic_error&) {
    x = 2;
  }
  use(x);
}

RAVEL_PROGRAM(norace_wait_group_transitive) {
  int x = 0, y = 0;
  wait_group wg;
  wg.add(2);
  go([&] {
    x = 42;
    wg.done();
  });
  go([&] {
    for (int i = 0; i < 100; ++i) yield();
    y = 42;
    wg.done();
  });
  wg.wait();
  use(x);
  use(y);
}

RAVEL_PROGRAM(norace_wait_group_reuse2) {
  constexpr int n = 3;
  int data[n] = {};
  wait_group wg;
  for (int turn = 0; turn < 3; ++turn) {
    wg.add(n);
    for (int i = 0; i < n; ++i) {
      go([&, i] {
        ++data[i];
        wg.done();
      });
    }
    auto over = make_chan<bool>();
    go([&, over] {
      wg.wait();
      for (int& each : data) ++each;
      over << true;
    });
    wg.wait();
    over.recv();
    for (int& each : data) ++each;
  }
}

// Nothing orders this turn's wait of another goroutine before the next turn's add, so it could have come later, and waited for both.
RAVEL_PROGRAM(race_wait_group_reuse) {
  wait_group wg;
  std::atomic<bool> begun{false}, returned{false};
  wg.add(1);
  go([&] {
    begun.store(true, std::memory_order_relaxed);
    wg.wait();  // races
    returned.store(true, std::memory_order_relaxed);
  });
  until([&] { return begun.load(std::memory_order_relaxed); });
  sleep_for(std::chrono::milliseconds(20));  // the wait blocks meanwhile
  wg.done();
  until([&] { return returned.load(std::memory_order_relaxed); });
  wg.add(1);  // races
  wg.done();
}

RAVEL_PROGRAM(norace_wait_group_concurrent_add) {
  constexpr int n = 4;
  auto waiting = make_chan<bool>(n);
  wait_group wg;
  for (int i = 0; i < n; ++i) {
    go([&] {
      wg.add(1);
      waiting << true;
      wg.done();
    });
  }
  for (int i = 0; i < n; ++i) waiting.recv();
  wg.wait();
}

// Done orders before the wait, not the other way round.
RAVEL_PROGRAM(race_wait_group_after_done) {
  int x = 0;
  auto over = make_chan<bool>();
  wait_group wg;
  wg.add(1);
  go([&] {
    wg.done();
    x = 1;  // races
    over << true;
  });
  wg.wait();
  x = 2;  // races
  over.recv();
}

RAVEL_PROGRAM(norace_wait_group_go) {
  int data[8] = {};
  wait_group wg;
  for (int& each : data) wg.go([&each] { each = 1; });
  wg.wait();
  for (int each : data) use(each);
}

RAVEL_PROGRAM(race_wait_group_go_captures_loop_variable) {
  wait_group wg;
  int i = 0;
  for (; i < 3; ++i) wg.go([&i] { use(i); });  // races
  wg.wait();
}

RAVEL_PROGRAM(deadlock_wait_group_never_done) {
  wait_group wg;
  wg.add(1);
  wg.wait();
}

RAVEL_PROGRAM(panic_wait_group_negative) {
  wait_group wg;
  wg.add(1);
  wg.add(-2);
}
