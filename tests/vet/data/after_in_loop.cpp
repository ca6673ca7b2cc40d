#include <ravel/ravel.hpp>

using namespace ravel;
using namespace std::chrono_literals;

void use(int);

void timeout_each_turn(recv_chan<int> c) {
  for (bool over = false; !over;) {
    select(on_recv(c, [&](std::optional<int> v) { over = !v; }),
           on_recv(after(1s), [&] { over = true; }));  // expect: after-in-loop
  }
}

void ticker_each_turn(int n) {
  while (n-- > 0) tick(1s).recv();  // expect: after-in-loop
}

// --- near misses

void always_waits(int n) {
  while (n-- > 0) after(1ms).recv();
}

void once_before(recv_chan<int> c) {
  const auto deadline = after(1s);
  for (bool over = false; !over;) {
    select(on_recv(c, [&](std::optional<int> v) { over = !v; }), on_recv(deadline, [&] { over = true; }));
  }
}

void runs_once(recv_chan<int> c) {
  for (;;) {
    select(on_recv(c), on_recv(after(1s)));
    break;
  }
}

void leaves_after(recv_chan<int> c, int n) {
  for (int i = 0; i < n; ++i) {
    if (i == 2) {
      select(on_recv(c), on_recv(after(1s)));
      return;
    }
    yield();
  }
}

void until_it_is_told_to_stop(context::context ctx) {
  for (bool over = false; !over;) {
    select(on_recv(ctx.done(), [&] { over = true; }), on_recv(after(1s), [] { use(1); }));
  }
}

void until_a_unit_comes(recv_chan<unit> quit) {
  for (bool over = false; !over;) {
    select(on_recv(quit, [&] { over = true; }), on_recv(after(1s), [] { use(1); }));
  }
}

void no_loop(recv_chan<int> c) {
  select(on_recv(c), on_recv(after(1s)));
}

void ranges_over_ticks() {
  for (auto t : tick(1s)) use(static_cast<int>(t.time_since_epoch().count()));
}
