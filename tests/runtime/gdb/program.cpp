// Stops itself with one goroutine waiting, one asleep and one in its first function, for gdb to look at.
#include <ravel/ravel.hpp>

[[gnu::noinline]] int waits_for_a_value(const ravel::chan<int>& c) { return c.recv().value_or(0) + 1; }
[[gnu::noinline]] void stops_here() { __builtin_debugtrap(); }

int main() {
  auto c = ravel::make_chan<int>();
  ravel::go(ravel::go_options{.name = "waiter"}, [c] { waits_for_a_value(c); });
  ravel::go([] { ravel::sleep_for(std::chrono::hours(1)); });
  ravel::yield();
  stops_here();
  c << 1;
  return 0;
}
