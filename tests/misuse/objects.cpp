// Misuse that ends the program at once, as in Go, or that only C++ knows; and its near misses.

#include <memory>

#include "tests/misuse/until_reported.hpp"

using namespace ravel;
using namespace std::chrono_literals;
using programs::in_a_frame_of_its_own;
using programs::until_reported;

namespace {

mutex static_lock;

}  // namespace

RAVEL_PROGRAM(panic_c03_close_of_nil) { chan<int>().close(); }
RAVEL_PROGRAM(ok_c03_nil_is_not_closed) {
  if (chan<int> c; c) c.close();
}
RAVEL_PROGRAM(panic_c04_close_twice) {
  auto c = make_chan<int>();
  c.close();
  c.close();
}
RAVEL_PROGRAM(ok_c04_closed_once_by_a_once) {
  auto c = make_chan<int>();
  once closing;
  wait_group all;
  for (int i = 0; i < 2; ++i) all.go([&] { closing.call([&] { c.close(); }); });
  all.wait();
}
RAVEL_PROGRAM(panic_c05_send_on_closed) {
  auto c = make_chan<int>(1);
  c.close();
  c << 1;
}
RAVEL_PROGRAM(ok_c05_closed_after_the_last_send) {
  auto c = make_chan<int>(1);
  c << 1;
  c.close();
  c.recv();
}
RAVEL_PROGRAM(panic_c12_use_of_a_handed_over_channel) {
  auto first = make_owned_chan<int>(1);
  auto second = std::move(first);
  second << 1;
  first << 2;
}
RAVEL_PROGRAM(ok_c12_used_by_the_new_owner) {
  auto first = make_owned_chan<int>(1);
  auto second = std::move(first);
  second << 1;
}
RAVEL_PROGRAM(ok_c13_an_owner_closes_when_it_ends) {
  auto numbers = make_owned_chan<int>();
  recv_chan<int> view = numbers;
  go([out = std::move(numbers)]() mutable { out << 1; });
  for (int v : view) programs::use(v);
}
RAVEL_PROGRAM(panic_w01_counter_below_zero) { wait_group().done(); }
RAVEL_PROGRAM(ok_w01_counter_back_at_zero) {
  wait_group g;
  g.add();
  g.done();
}
RAVEL_PROGRAM(fatal_m01_unlock_of_unlocked) { mutex().unlock(); }
RAVEL_PROGRAM(fatal_m10_read_unlock_of_unlocked) { rw_mutex().unlock_shared(); }
RAVEL_PROGRAM(ok_m10_each_read_lock_is_given_back) {
  rw_mutex m;
  m.lock_shared();
  m.lock_shared();
  m.unlock_shared();
  m.unlock_shared();
}
RAVEL_PROGRAM(fatal_d01_wait_without_the_lock) {
  mutex m;
  cond c(m);
  c.wait();
}
RAVEL_PROGRAM(panic_t07_tick_that_takes_no_time) { ticker every(0s); }
RAVEL_PROGRAM(panic_g04_exception_leaves_a_goroutine) {
  go([] { throw std::runtime_error("left"); });
  sleep_for(1h);
}

RAVEL_PROGRAM(misuse_m12_destroyed_while_locked) {
  auto m = std::make_unique<mutex>();
  auto locked = make_chan<unit>();
  go([&] {
    m->lock();
    locked << unit{};
    sleep_for(1h);
  });
  locked.recv();
  m.reset();
}
RAVEL_PROGRAM(misuse_m12_destroyed_while_read) {
  auto m = std::make_unique<rw_mutex>();
  auto locked = make_chan<unit>();
  go([&] {
    m->lock_shared();
    locked << unit{};
    sleep_for(1h);
  });
  locked.recv();
  m.reset();
}
RAVEL_PROGRAM(ok_m12_dropped_by_its_own_holder) {
  auto m = std::make_unique<mutex>();
  m->lock();
  m.reset();
}
RAVEL_PROGRAM(ok_m12_w09_left_behind_when_main_returns) {
  mutex m;
  wait_group g;
  auto locked = make_chan<unit>();
  g.go([&] {
    m.lock();
    locked << unit{};
    sleep_for(1h);
  });
  locked.recv();
}
RAVEL_PROGRAM(ok_m12_destroyed_after_unlock) {
  auto m = std::make_unique<mutex>();
  m->lock();
  m->unlock();
  m.reset();
}
RAVEL_PROGRAM(ok_m12_destroyed_at_the_end_of_the_process) { static_lock.lock(); }
RAVEL_PROGRAM(misuse_w09_destroyed_while_counting) {
  auto g = std::make_unique<wait_group>();
  g->add();
  g.reset();
}
RAVEL_PROGRAM(ok_w09_destroyed_by_the_first_to_return) {
  auto g = std::make_unique<wait_group>();
  g->go([] {});
  g->wait();
  g.reset();
}

RAVEL_PROGRAM(deadlock_t04_received_twice) {
  timer once_only(1ms);
  once_only.c().recv();
  once_only.c().recv();
}
RAVEL_PROGRAM(deadlock_t04_drained_after_a_stop_that_stopped) {
  timer never(1h);
  never.stop();
  never.c().recv();
}
RAVEL_PROGRAM(ok_t04_set_again_between) {
  timer t(1ms);
  t.c().recv();
  t.reset(1ms);
  t.c().recv();
}

RAVEL_PROGRAM(panic_c36_capacity_of_all_memory) { make_chan<int>(std::size_t(-1)); }
RAVEL_PROGRAM(ok_c36_a_large_capacity) { make_chan<int>(1 << 16) << 1; }

RAVEL_PROGRAM(advice_m02_unlocked_by_another) {
  mutex m;
  m.lock();
  wait_group all;
  all.go([&] { m.unlock(); });
  all.wait();
}
RAVEL_PROGRAM(ok_m02_unlocked_by_another) {  // the same, and no advice asked for
  mutex m;
  m.lock();
  wait_group all;
  all.go([&] { m.unlock(); });
  all.wait();
  m.lock();
  m.unlock();
}
RAVEL_PROGRAM(noadvice_m02_unlocked_by_its_holder) {
  mutex m;
  cond c(m);
  bool ready = false;
  wait_group all;
  all.go([&] {
    const std::lock_guard hold(m);
    ready = true;
    c.signal();
  });
  m.lock();
  while (!ready) c.wait();
  m.unlock();
  all.wait();
}
RAVEL_PROGRAM(advice_o03_function_of_a_once_threw) {
  once o;
  try {
    o.call([] { throw std::runtime_error("not done"); });
  } catch (const std::runtime_error&) {
  }
}
RAVEL_PROGRAM(noadvice_o03_called_while_an_exception_is_under_way) {
  struct at_the_end {
    once& o;
    ~at_the_end() { o.call([] {}); }
  };
  once o;
  try {
    const at_the_end guard{o};
    throw std::runtime_error("elsewhere");
  } catch (const std::runtime_error&) {
  }
}
