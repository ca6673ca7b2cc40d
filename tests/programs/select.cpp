// select, timers, defer, goroutines that end: who is ordered after whom.

#include <atomic>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "program.hpp"

using namespace ravel;
using programs::keep;
using programs::together;
using programs::until;
using programs::use;
using std::chrono::milliseconds;

RAVEL_PROGRAM(norace_select3) {
  int x = 0;
  auto over = make_chan<bool>(), c = make_chan<bool>(10), never = make_chan<bool>();
  go([&] {
    x = 1;
    select(on_send(c, true), on_recv(never));
    over << true;
  });
  c.recv();
  x = 2;
  over.recv();
}

RAVEL_PROGRAM(norace_select4) {
  struct task {
    std::function<void()> f;
    chan<bool> done;
  };
  auto queue = make_chan<task>();
  auto never = make_chan<bool>();
  go([queue] {
    for (bool open = true; open;) {
      select(on_recv(queue, [&](std::optional<task> t) {
        open = t.has_value();
        if (!open) return;
        t->f();
        t->done << true;
      }));
    }
  });
  auto run = [&](std::function<void()> f) {
    auto done = make_chan<bool>(1);
    select(on_send(queue, task{std::move(f), done}), on_recv(never));
    select(on_recv(done), on_recv(never));
  };
  int x = 0;
  run([&] { x = 1; });
  use(x);
  queue.close();
}

RAVEL_PROGRAM(race_select1) {
  int x = 0;
  auto c = make_chan<bool>(), never = make_chan<bool>();
  auto f = [&] {
    select(on_send(c, true), on_send(never, true));
    x = 1;  // races
  };
  together(f, f, [&] {
    c.recv();
    c.recv();
  });
}

RAVEL_PROGRAM(race_select2) {
  int x = 0;
  auto over = make_chan<bool>(), c = make_chan<bool>(), never = make_chan<bool>();
  go([&] {
    x = 1;  // races
    select(on_recv(c), on_recv(never));
    over << true;
  });
  c.close();
  x = 2;  // races
  over.recv();
}

RAVEL_PROGRAM(race_select3) {
  int x = 0;
  auto over = make_chan<bool>(), c = make_chan<bool>(), never = make_chan<bool>();
  go([&] {
    x = 1;  // races
    select(on_send(c, true), on_send(never, true));
    over << true;
  });
  x = 2;  // races
  select(on_recv(c));
  over.recv();
}

RAVEL_PROGRAM(race_select4) {
  int x = 0;
  together([&] { select(on_default([&] { x = 2; })); },  // races
           [&] { use(x); });                             // races
}

// The case that was not chosen orders nothing.
RAVEL_PROGRAM(race_select_loser) {
  int x = 0;
  auto taken = make_chan<int>(1), lost = make_chan<int>(1);
  together(
      [&] {
        x = 1;  // races
        lost << 1;
      },
      [&] {
        until([&] { return lost.len() == 1; });
        taken << 1;
        bool chose_taken = false;
        select(on_recv(taken, [&] { chose_taken = true; }), on_recv(chan<int>()));
        if (chose_taken) x = 2;  // races
      });
}

RAVEL_PROGRAM(race_select_default_after_close_of_another) {
  int x = 0;
  auto open = make_chan<int>(), closed = make_chan<int>();
  together(
      [&] {
        x = 1;  // races
        closed.close();
      },
      [&] {
        select(on_recv(open), on_default());
        x = 2;  // races
      });
}

RAVEL_PROGRAM(norace_after_func1) {
  int i = 2;
  auto c = make_chan<bool>();
  std::function<void()> f = [&] {
    if (--i >= 0) after_func(milliseconds(0), f);
    else c << true;
  };
  after_func(milliseconds(0), f);
  c.recv();
}

RAVEL_PROGRAM(race_after_func3) {
  int x = 0;
  auto c = make_chan<bool>(2);
  after_func(milliseconds(1), [&] {
    x = 1;  // races
    c << true;
  });
  after_func(milliseconds(2), [&] {
    x = 2;  // races
    c << true;
  });
  c.recv();
  c.recv();
}

RAVEL_PROGRAM(race_sleep_orders_nothing) {
  int x = 0;
  together(
      [&] { x = 1; },  // races
      [&] {
        sleep_for(milliseconds(5));
        x = 2;  // races
      });
}

RAVEL_PROGRAM(norace_timer_channel) {
  int x = 0;
  auto over = make_chan<bool>();
  x = 1;
  timer t(milliseconds(1));
  go([&, c = t.c()] {
    c.recv();
    x = 2;
    over << true;
  });
  over.recv();
  x = 3;
}

// A timer orders its start before its tick; what came after the start is not ordered.
RAVEL_PROGRAM(race_timer_start_then_write) {
  int x = 0;
  auto c = make_chan<bool>();
  after_func(milliseconds(2), [&] {
    x = 2;  // races
    c << true;
  });
  x = 1;  // races
  c.recv();
}

RAVEL_PROGRAM(race_announce_threads) {
  auto over = make_chan<bool>(7);
  int x = 0;
  auto write = [&] {
    x = 1;  // races
    over << true;
  };
  auto g = [&] {
    for (int i = 0; i < 2; ++i) {
      go(write);
      over << true;
    }
  };
  auto f = [&] {
    x = 1;  // races
    go(g);
    go(write);
    x = 2;  // races
    over << true;
  };
  auto h = [&] {
    x = 1;
    go(f);
    over << true;
  };
  go(h);
  for (int i = 0; i < 7; ++i) over.recv();
}

RAVEL_PROGRAM(race_goroutine_creation_stack) {
  int x = 0;
  auto over = make_chan<bool>(1);
  auto f1 = [&] {
    x = 1;  // races
    over << true;
  };
  auto f2 = [&] { go(f1); };
  auto f3 = [&] { go(f2); };
  auto f4 = [&] { go(f3); };
  go(f4);
  x = 2;  // races
  over.recv();
}

RAVEL_PROGRAM(race_defer_arg) {
  int x = 0;
  together([&] { x = 42; },  // races
           [&] {
             RAVEL_DEFER { use(x); };  // races
           });
}

RAVEL_PROGRAM(race_panic_arg) {
  std::string what = "err";
  together([&] { what = "err2"; },  // races
           [&] {
             struct failure {
               std::string what;
             };
             try {
               throw failure{what};  // races
             } catch (const failure&) {
             }
           });
}

// The string is read inside libstdc++.so.
RAVEL_PROGRAM(race_panic_arg_of_the_library) {
  std::string what = "err";
  together([&] { what = "err2"; },  // races
           [&] {
             try {
               throw std::runtime_error(what);  // races
             } catch (const std::runtime_error&) {
             }
           });
}

RAVEL_PROGRAM(norace_defer_before_send) {
  int x = 0;
  auto c = make_chan<bool>(1);
  go([&] {
    RAVEL_DEFER { c << true; };
    RAVEL_DEFER { x = 1; };  // runs first
  });
  c.recv();
  x = 2;
}

RAVEL_PROGRAM(norace_goexit_runs_deferred) {
  int x = 0;
  auto c = make_chan<bool>(1);
  go([&] {
    RAVEL_DEFER { c << true; };
    x = 1;
    goexit();
  });
  c.recv();
  x = 2;
}

RAVEL_PROGRAM(norace_parent_before_child) {
  int x = 1;
  auto over = make_chan<bool>();
  go([&] {
    ++x;
    go([&] {
      ++x;
      over << true;
    });
  });
  over.recv();
  ++x;
}

RAVEL_PROGRAM(race_end_of_goroutine_orders_nothing) {
  int x = 0;
  const int before = num_goroutine();
  go([&] { x = 1; });  // races
  until([&] { return num_goroutine() == before; });
  x = 2;  // races
  keep(x);
}

RAVEL_PROGRAM(deadlock_select_without_cases) { select(); }

RAVEL_PROGRAM(deadlock_receive_without_sender) { make_chan<int>().recv(); }

RAVEL_PROGRAM(deadlock_nil_channel) { chan<int>() << 1; }

RAVEL_PROGRAM(deadlock_in_two_goroutines) {
  auto a = make_chan<int>(), b = make_chan<int>();
  together(
      [&] {
        a.recv();
        b << 1;
      },
      [&] {
        b.recv();
        a << 1;
      });
}

RAVEL_PROGRAM(panic_send_on_closed) {
  auto c = make_chan<int>(1);
  c.close();
  c << 1;
}

RAVEL_PROGRAM(panic_in_goroutine) {
  together([] { throw std::runtime_error("broken"); });
}
