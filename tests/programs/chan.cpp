// Channels: what a send, a receive and a close order, and what they do not.

#include <array>
#include <atomic>
#include <string>
#include <vector>

#include "program.hpp"

using namespace ravel;
using programs::together;
using programs::until;
using programs::use;

RAVEL_PROGRAM(norace_chan_sync_rev) {
  int v = 0;
  auto c = make_chan<int>(), over = make_chan<int>();
  go([&] {
    c << 0;
    v = 2;
    over << 0;
  });
  v = 1;
  c.recv();
  over.recv();
}

RAVEL_PROGRAM(norace_chan_async) {
  int v = 0;
  auto c = make_chan<int>(10);
  go([&] {
    v = 1;
    c << 0;
  });
  c.recv();
  v = 2;
}

RAVEL_PROGRAM(race_chan_async_rev) {
  int v = 0;
  auto c = make_chan<int>(10), over = make_chan<int>();
  go([&] {
    c << 0;
    v = 1;  // races
    over << 0;
  });
  v = 2;  // races
  c.recv();
  over.recv();
}

RAVEL_PROGRAM(norace_chan_async_close_recv) {
  int v = 0;
  auto c = make_chan<int>(10);
  go([&] {
    v = 1;
    c.close();
  });
  {
    RAVEL_DEFER { v = 2; };
    c.recv();
  }
}

RAVEL_PROGRAM(norace_chan_async_close_recv2) {
  int v = 0;
  auto c = make_chan<int>(10);
  go([&] {
    v = 1;
    c.close();
  });
  if (!c.recv().has_value()) v = 2;
}

RAVEL_PROGRAM(norace_chan_sync_close_recv3) {
  int v = 0;
  auto c = make_chan<int>();
  go([&] {
    v = 1;
    c.close();
  });
  for (int each : c) use(each);
  v = 2;
}

RAVEL_PROGRAM(race_chan_sync_close_send) {
  auto c = make_chan<int>();
  go([&] { c.close(); });  // races
  try {
    c << 0;  // races
  } catch (const panic_error&) {
  }
}

RAVEL_PROGRAM(race_chan_async_close_send) {
  auto c = make_chan<int>(10);
  go([&] { c.close(); });  // races
  try {
    for (;;) c << 0;  // races
  } catch (const panic_error&) {
  }
}

RAVEL_PROGRAM(race_chan_close_close) {
  auto c = make_chan<int>();
  auto close = [&] {
    try {
      c.close();  // races
    } catch (const panic_error&) {
    }
  };
  together(close, close);
}

RAVEL_PROGRAM(race_chan_recv_len) {
  int v = 0;
  auto c = make_chan<int>(10), over = make_chan<int>();
  c << 1;
  go([&] {
    v = 1;  // races
    c.recv();
    over << 0;
  });
  until([&] { return c.len() == 0; });
  v = 2;  // races
  over.recv();
}

RAVEL_PROGRAM(race_chan_send_len) {
  int v = 0;
  auto c = make_chan<int>(10), over = make_chan<int>();
  go([&] {
    v = 1;  // races
    c << 1;
    over << 0;
  });
  until([&] { return c.len() != 0; });
  v = 2;  // races
  over.recv();
}

RAVEL_PROGRAM(race_chan_send_send) {
  int v1 = 0, v2 = 0;
  auto c = make_chan<int>(1);
  together(
      [&] {
        v1 = 1;                       // races
        if (!c.try_send(1)) v2 = 2;   // races
      },
      [&] {
        v2 = 1;                       // races
        if (!c.try_send(1)) v1 = 2;   // races
      });
}

RAVEL_PROGRAM(norace_chan_ptr) {
  struct message {
    int x;
  };
  auto c = make_chan<message*>();
  go([=] { c << new message{1}; });
  message* m = *c.recv();
  m->x = 2;
  delete m;
}

// Two slots, two senders: each receive orders the sender through its own slot only.
RAVEL_PROGRAM(race_chan_wrong_send) {
  int v1 = 0, v2 = 0;
  auto c = make_chan<int>(2);
  go([&] {
    v1 = 1;  // races
    c << 1;
  });
  go([&] {
    v2 = 2;  // races
    c << 2;
  });
  until([&] { return c.len() == 2; });
  if (*c.recv() == 1) v2 = 3;  // races
  else v1 = 3;                 // races
}

// The same with elements of no size, where Go's detector merges the slots.
RAVEL_PROGRAM(race_chan_unit_slots) {
  int v = 0;
  auto c = make_chan<unit>(2), over = make_chan<unit>();
  go([&] {
    v = 1;  // races
    c << unit{};
    over << unit{};
  });
  until([&] { return c.len() == 1; });
  c << unit{};
  v = 2;  // races
  over.recv();
}

RAVEL_PROGRAM(norace_chan_unit_same_slot) {
  int v = 0;
  auto c = make_chan<unit>(1);
  go([&] {
    v = 1;
    c << unit{};
  });
  c.recv();
  v = 2;
}

RAVEL_PROGRAM(race_chan_send_close) {
  auto c = make_chan<int>(1);
  together(
      [&] {
        try {
          c << 1;  // races
        } catch (const panic_error&) {
        }
      },
      [&] { c.close(); });  // races
}

RAVEL_PROGRAM(race_chan_send_select_close) {
  auto c = make_chan<int>(1), never = make_chan<int>();
  together(
      [&] {
        try {
          select(on_send(c, 1), on_recv(never));  // races
        } catch (const panic_error&) {
        }
      },
      [&] { c.close(); });  // races
}

RAVEL_PROGRAM(race_select_read_write_async) {
  int x = 0;
  auto c1 = make_chan<int>(10), c2 = make_chan<int>(10), c3 = make_chan<int>();
  c2 << 1;
  together([&] { select(on_send(c1, x), on_send(c3, 1)); },                       // races
           [&] { select(on_recv(c2, [&](std::optional<int> v) { x = *v; })); });  // races
}

RAVEL_PROGRAM(race_chan_read_write_sync) {
  int x = 0;
  auto c1 = make_chan<int>(), c2 = make_chan<int>();
  together([&] { c1.recv(); },     //
           [&] { c2 << 10; },      //
           [&] { c1 << x; },       // races
           [&] { x = *c2.recv(); });  // races
}

RAVEL_PROGRAM(race_chan_itself_nil) {
  auto c = make_chan<int>(10);
  auto keep = c;
  together([&] { c << 0; },  // races
           [&] {
             until([&] { return keep.len() == 1; });
             c = {};  // races
           });
}

RAVEL_PROGRAM(race_chan_itself_close) {
  auto c = make_chan<int>();
  auto keep = c;
  together([&] { c.close(); },            // races
           [&] { c = make_chan<int>(); });  // races
}

RAVEL_PROGRAM(race_chan_itself_len) {
  auto c = make_chan<int>();
  auto keep = c;
  together([&] { use(c.len()); },           // races
           [&] { c = make_chan<int>(); });  // races
}

RAVEL_PROGRAM(race_chan_itself_cap) {
  auto c = make_chan<int>();
  auto keep = c;
  together([&] { use(c.cap()); },           // races
           [&] { c = make_chan<int>(); });  // races
}

RAVEL_PROGRAM(norace_chan_close_cap) {
  auto c = make_chan<int>(10), r = make_chan<int>(10);
  go([=] { r << static_cast<int>(c.cap()); });
  go([=] {
    c.close();
    r << 0;
  });
  r.recv();
  r.recv();
}

RAVEL_PROGRAM(norace_chan_close_len) {
  auto c = make_chan<int>(10);
  together([=] { use(c.len()); }, [=] { c.close(); });
}

RAVEL_PROGRAM(race_chan_sem) {
  int data = 0;
  auto sem = make_chan<bool>(2);
  together(
      [&] {
        sem << true;
        data = 42;  // races
        sem.recv();
      },
      [&] {
        sem << true;
        data = 43;  // races
        sem.recv();
      });
}

RAVEL_PROGRAM(norace_chan_mutex) {
  int data = 0;
  auto lock = make_chan<bool>(1);
  auto add = [&] {
    for (int i = 0; i < 100; ++i) {
      lock << true;
      ++data;
      lock.recv();
    }
  };
  together(add, add, add);
}

RAVEL_PROGRAM(norace_chan_wait_group) {
  constexpr int n = 10;
  auto busy = make_chan<bool>(n / 2);
  std::vector<int> data(n);
  for (int i = 0; i < n; ++i) {
    busy << true;
    go([&data, busy, i] {
      data[i] = 42;
      busy.recv();
    });
  }
  for (std::size_t i = 0; i < busy.cap(); ++i) busy << true;
  for (int each : data) use(each);
}

RAVEL_PROGRAM(norace_blocked_send_sync) {
  auto c = make_chan<int*>(1);
  c << nullptr;
  go([=] { c << new int(42); });
  for (int i = 0; i < 100; ++i) yield();
  c.recv();
  int* p = *c.recv();
  use(*p);
  delete p;
}

RAVEL_PROGRAM(norace_blocked_select_send_sync) {
  auto c = make_chan<int*>(1);
  c << nullptr;
  go([=] { select(on_send(c, new int(42)), on_recv(make_chan<int>())); });
  for (int i = 0; i < 100; ++i) yield();
  c.recv();
  select(on_recv(c, [](std::optional<int*> p) { use(**p); }), on_recv(make_chan<int>()));
}

RAVEL_PROGRAM(norace_close_happens_before_read) {
  for (int i = 0; i < 100; ++i) {
    int v = 0;
    auto written = make_chan<unit>(), read = make_chan<unit>(), over = make_chan<unit>();
    go([&] {
      select(on_recv(written, [&] { use(v); }), on_default());
      read.close();
    });
    go([&] {
      v = 1;
      written.close();
      over.close();
    });
    read.recv();
    over.recv();
  }
}

RAVEL_PROGRAM(norace_chan_capacity_rule) {
  std::array<int, 3> data{};
  auto c = make_chan<int>(3);
  go([&] {
    for (int i = 0; i < 300; ++i) {
      data[i % 3] = i;
      c << i;
      c << -1;
      c << -1;  // through the slot of the receive that followed the reading of data[i % 3]
    }
    c.close();
  });
  for (int i : c) {
    if (i >= 0) use(data[i % 3]);
  }
}

// Whoever drops the last handle frees the channel, ordered after the others' use of it or not.
RAVEL_PROGRAM(norace_chan_dropped_by_any_holder) {
  for (int i = 0; i < 20; ++i) {
    auto c = make_chan<std::string>(4);
    const int before = num_goroutine();
    for (int j = 0; j < 2; ++j) {
      go([c] { c << std::string("a string that is long enough for the heap"); });
    }
    if (i % 2 == 0) until([&] { return num_goroutine() == before; });
    c = {};
    until([&] { return num_goroutine() == before; });
  }
}

RAVEL_PROGRAM(norace_chan_dropped_by_a_bystander) {
  const int before = num_goroutine();
  auto c = make_chan<int>(1);
  go([c] { c << 1; });
  go([c] { c.recv(); });
  go([c] { c.try_send(2); });
  until([&] { return num_goroutine() == before; });
  c = {};
}
