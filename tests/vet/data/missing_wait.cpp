#include <ravel/ravel.hpp>

#include <functional>

using namespace ravel;

void work();
void collect(wait_group& wg);

void nobody_waits() {
  wait_group wg;  // expect: missing-wait
  for (int i = 0; i < 3; ++i) wg.go([] { work(); });
}

void counted_by_hand() {
  wait_group wg;  // expect: missing-wait
  auto over = make_chan<unit>();
  wg.add(1);
  go([&, over] {
    wg.done();
    over.close();
  });
  over.recv();
}

// --- near misses

void waits() {
  wait_group wg;
  wg.go([] { work(); });
  wg.wait();
}

void somebody_else_waits() {
  wait_group wg;
  wg.go([] { work(); });
  collect(wg);
}

void waits_in_a_goroutine() {
  wait_group wg;
  auto over = make_chan<unit>();
  wg.go([] { work(); });
  go([&wg, over] {
    wg.wait();
    over.close();
  });
  over.recv();
}

void never_counted() {
  wait_group wg;
  wg.add(1);
  wg.done();
}

void serves_for_ever() {
  wait_group wg;
  for (;;) wg.go([] { work(); });
}
