#include <ravel/ravel.hpp>

#include <functional>
#include <thread>
#include <vector>

using namespace ravel;

void use(int);

void local() {
  int n = 0;
  go([&n] { ++n; });  // expect: dangling-capture
}

void default_capture() {
  int n = 0;
  go([&] { use(n); });  // expect: dangling-capture
}

recv_chan<int> generator() {
  auto c = make_chan<int>();
  go([&] {
    for (int i = 0; i < 3; ++i) c << i;  // expect: dangling-capture
    c.close();
  });
  return c;
}

void loop_variable(wait_group& wg) {
  for (int i = 0; i < 3; ++i) {
    wg.go([&i] { use(i); });  // expect: dangling-capture
  }
  wg.wait();
}

void range_variable(const std::vector<int>& v) {
  wait_group wg;
  for (int x : v) wg.go([&] { use(x); });  // expect: dangling-capture
  wg.wait();
}

void inner_block(wait_group& wg) {
  {
    int n = 1;
    wg.go([&n] { use(n); });  // expect: dangling-capture
  }
  wg.wait();
}

void worker(int& n) { ++n; }

void by_reference_wrapper() {
  int n = 0;
  go(worker, std::ref(n));  // expect: dangling-capture
}

void kept_lambda() {
  int n = 0;
  auto f = [&n] { ++n; };  // expect: dangling-capture
  go(f);
}

void init_capture() {
  int n = 0;
  go([p = &n] { ++*p; });  // expect: dangling-capture
}

void parameter(int n) {
  go([&n] { use(n); });  // expect: dangling-capture
}

// --- near misses

void waited_for() {
  int n = 0;
  wait_group wg;
  wg.go([&] { ++n; });
  wg.wait();
}

void received_from() {
  int n = 0;
  auto done = make_chan<unit>();
  go([&] {
    ++n;
    done.close();
  });
  done.recv();
}

void by_value() {
  int n = 0;
  go([n] { use(n); });
}

void reference_parameter(int& n) {
  go([&n] { ++n; });
}

int a_static() {
  static int n = 0;
  go([&] { ++n; });
  return 0;
}

void in_each_turn(const std::vector<int>& v) {
  auto done = make_chan<unit>();
  for (int x : v) {
    go([&] {
      use(x);
      done << unit{};
    });
    done.recv();
  }
}

struct joiner {
  wait_group& wg;
  ~joiner() { wg.wait(); }
};

void joined_by_destructor(wait_group& wg) {
  int n = 0;
  joiner j{wg};
  wg.go([&] { ++n; });
}

void deferred_wait() {
  int n = 0;
  wait_group wg;
  RAVEL_DEFER { wg.wait(); };
  wg.go([&] { ++n; });
}

void wait_for_all();

void waits_elsewhere() {
  int n = 0;
  go([&] { ++n; });
  wait_for_all();
}

void never_ends() {
  int n = 0;
  go([&] { ++n; });
  for (;;) sleep_for(std::chrono::seconds(1));
}

void polls() {
  std::atomic<bool> over = false;
  go([&] { over = true; });
  while (!over) yield();
}

void own_variable() {
  go([] {
    int n = 0;
    auto f = [&n] { ++n; };
    f();
  });
}

int main() {
  int n = 0;
  go([&] { ++n; });  // main's frame lives as long as the process
}
