#include <ravel/ravel.hpp>

using namespace ravel;

void work();

void counts_itself() {
  wait_group wg;
  for (int i = 0; i < 3; ++i) {
    go([&wg] {
      wg.add(1);  // expect: add-in-goroutine
      work();
      wg.done();
    });
  }
  wg.wait();
}

// --- near misses

void counted_before() {
  wait_group wg;
  for (int i = 0; i < 3; ++i) {
    wg.add();
    go([&wg] {
      work();
      wg.done();
    });
  }
  wg.wait();
}

void counted_goroutine_adds_for_another() {
  wait_group wg;
  wg.add(1);
  go([&wg] {
    wg.add(1);
    go([&wg] { wg.done(); });
    wg.done();
  });
  wg.wait();
}

void told_that_it_counted() {
  wait_group wg;
  auto counted = make_chan<unit>();
  go([&, counted] {
    wg.add(1);
    counted << unit{};
    wg.done();
  });
  counted.recv();
  wg.wait();
}

void group_of_its_own() {
  go([] {
    wait_group wg;
    wg.add(1);
    go([&wg] { wg.done(); });
    wg.wait();
  });
}
