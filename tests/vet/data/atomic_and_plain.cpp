#include <ravel/ravel.hpp>

#include <atomic>

using namespace ravel;

void use(int);

void mixed() {
  int n = 0;
  wait_group wg;
  wg.go([&] { std::atomic_ref(n).fetch_add(1); });
  wg.go([&] { ++n; });  // expect: atomic-and-plain
  wg.wait();
}

void mixed_read() {
  int n = 0;
  wait_group wg;
  wg.go([&] { use(n); });  // expect: atomic-and-plain
  wg.go([&] { __atomic_store_n(&n, 1, __ATOMIC_RELEASE); });
  wg.wait();
}

// --- near misses

void both_atomic() {
  int n = 0;
  wait_group wg;
  wg.go([&] { std::atomic_ref(n).fetch_add(1); });
  wg.go([&] { std::atomic_ref<int>(n).store(2); });
  wg.wait();
  use(n);
}

void ordered_by_channel() {
  int n = 0;
  wait_group wg;
  auto done = make_chan<unit>();
  wg.go([&] {
    std::atomic_ref(n).fetch_add(1);
    done.close();
  });
  wg.go([&] {
    done.recv();
    ++n;
  });
  wg.wait();
}

void ordered_by_the_parent() {
  int n = 0;
  wait_group wg;
  wg.go([&] { std::atomic_ref(n).fetch_add(1); });
  wg.wait();
  wg.go([&] { ++n; });
  wg.wait();
}

void one_of_them(bool atomically) {
  int n = 0;
  wait_group wg;
  if (atomically) wg.go([&] { std::atomic_ref(n).fetch_add(1); });
  else wg.go([&] { ++n; });
  wg.wait();
}
