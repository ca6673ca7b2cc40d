// Locks: what hangs, what could hang, and what only looks so.

#include <sstream>
#include <string>

#include "tests/misuse/until_reported.hpp"

using namespace ravel;
using namespace std::chrono_literals;
using programs::until;
using programs::in_a_frame_of_its_own;
using programs::until_reported;

namespace {

// Two locks on the heap, so that only who is given them can get at them.
struct two_locks {
  mutex a, b;
};

void take_both(mutex& first, mutex& second) {
  first.lock();
  second.lock();
  second.unlock();
  first.unlock();
}

void let_others_go_on() { sleep_for(10ms); }

}  // namespace

RAVEL_PROGRAM(deadlock_m03_twice) {
  mutex m;
  m.lock();
  m.lock();
}

RAVEL_PROGRAM(ok_m03_twice) {
  mutex m;
  m.lock();
  m.unlock();
  m.lock();
  m.unlock();
}

RAVEL_PROGRAM(leak_m03_while_main_goes_on) {
  in_a_frame_of_its_own([] {
    auto* m = new mutex;
    go([m] {
      m->lock();
      m->lock();
    });
  });
  until_reported();
}

// Main has the lock too and could unlock it; that it did not is certain when it is over.
RAVEL_PROGRAM(misuse_m03_found_when_main_is_over) {
  auto* m = new mutex;
  go([m] {
    m->lock();
    m->lock();
  });
  until([] {
    std::ostringstream goroutines;
    dump_goroutines(goroutines);
    return goroutines.str().find("sync.Mutex.Lock") != std::string::npos;
  });
}

// Go lets another goroutine unlock: the second lock waits for it, not for itself.
RAVEL_PROGRAM(ok_m03_while_main_goes_on) {
  auto* m = new mutex;
  auto done = make_chan<unit>();
  go([m, done] {
    m->lock();
    go([m] {
      let_others_go_on();
      m->unlock();
    });
    m->lock();
    m->unlock();
    done << unit{};
  });
  done.recv();
}

RAVEL_PROGRAM(deadlock_m04_upgrade) {
  rw_mutex m;
  m.lock_shared();
  m.lock();
}

RAVEL_PROGRAM(ok_m04_upgrade) {
  rw_mutex m;
  m.lock_shared();
  if (m.try_lock()) m.unlock();
  m.unlock_shared();
  m.lock();
  m.unlock();
}

RAVEL_PROGRAM(deadlock_m05_read_under_write) {
  rw_mutex m;
  m.lock();
  m.lock_shared();
}

RAVEL_PROGRAM(ok_m05_read_under_write) {
  rw_mutex m, other;
  m.lock();
  other.lock_shared();
  other.unlock_shared();
  m.unlock();
}

RAVEL_PROGRAM(deadlock_m06_writer_between_two_reads) {
  rw_mutex m;
  m.lock_shared();
  std::atomic<bool> writing{false};
  go([&] {
    writing = true;
    m.lock();
    m.unlock();
  });
  // The writer is queued when a reader who does not wait is turned away.
  until([&] {
    if (!writing) return false;
    if (!m.try_lock_shared()) return true;
    m.unlock_shared();
    return false;
  });
  m.lock_shared();
}

RAVEL_PROGRAM(ok_m06_writer_between_two_reads) {
  rw_mutex m;
  m.lock_shared();
  m.lock_shared();
  m.unlock_shared();
  m.unlock_shared();
  wait_group writer;
  writer.go([&] {
    m.lock();
    m.unlock();
  });
  writer.wait();
}

RAVEL_PROGRAM(misuse_m06_two_reads_and_a_writer_elsewhere) {
  rw_mutex m;
  std::atomic<bool> read{false};
  wait_group all;
  all.go([&] {
    m.lock_shared();
    m.lock_shared();
    m.unlock_shared();
    m.unlock_shared();
    read.store(true, std::memory_order_relaxed);
  });
  all.go([&] {
    until([&] { return read.load(std::memory_order_relaxed); });
    m.lock();
    m.unlock();
  });
  all.wait();
}

RAVEL_PROGRAM(ok_m06_two_reads_and_a_writer_elsewhere) {
  rw_mutex m;
  auto read = make_chan<unit>();
  go([&, read] {
    m.lock_shared();
    m.lock_shared();
    m.unlock_shared();
    m.unlock_shared();
    read << unit{};
  });
  read.recv();
  m.lock();
  m.unlock();
}

RAVEL_PROGRAM(misuse_m07_two_orders) {
  two_locks l;
  std::atomic<bool> first{false};
  wait_group all;
  all.go([&] {
    take_both(l.a, l.b);
    first.store(true, std::memory_order_relaxed);
  });
  all.go([&] {
    until([&] { return first.load(std::memory_order_relaxed); });
    take_both(l.b, l.a);
  });
  all.wait();
}

RAVEL_PROGRAM(ok_m07_one_after_the_other) {
  two_locks l;
  wait_group first;
  first.go([&] { take_both(l.a, l.b); });
  first.wait();
  wait_group second;
  second.go([&] { take_both(l.b, l.a); });
  second.wait();
}

RAVEL_PROGRAM(ok_m07_gate) {
  two_locks l;
  mutex gate;
  wait_group all;
  all.go([&] {
    gate.lock();
    take_both(l.a, l.b);
    gate.unlock();
  });
  all.go([&] {
    gate.lock();
    take_both(l.b, l.a);
    gate.unlock();
  });
  all.wait();
}

RAVEL_PROGRAM(ok_m07_one_goroutine) {
  two_locks l;
  take_both(l.a, l.b);
  take_both(l.b, l.a);
}

RAVEL_PROGRAM(ok_m07_a_try_does_not_wait) {
  two_locks l;
  wait_group all;
  all.go([&] { take_both(l.a, l.b); });
  all.go([&] {
    l.b.lock();
    if (l.a.try_lock()) l.a.unlock();
    l.b.unlock();
  });
  all.wait();
}

RAVEL_PROGRAM(ok_m07_other_locks_at_the_same_place) {
  for (int i = 0; i < 2; ++i) {
    auto l = std::make_unique<two_locks>();
    mutex& first = i == 0 ? l->a : l->b;
    mutex& second = i == 0 ? l->b : l->a;
    wait_group all;
    all.go([&] { take_both(first, second); });
    all.wait();
  }
}

RAVEL_PROGRAM(misuse_m07_three_orders) {
  struct { mutex lock[3]; } l;
  std::atomic<int> turn{0};
  wait_group all;
  for (int i = 0; i < 3; ++i) {
    all.go([&, i] {
      until([&] { return turn.load(std::memory_order_relaxed) == i; });
      l.lock[i].lock();
      l.lock[(i + 1) % 3].lock();
      l.lock[(i + 1) % 3].unlock();
      l.lock[i].unlock();
      turn.store(i + 1, std::memory_order_relaxed);
    });
  }
  all.wait();
}

RAVEL_PROGRAM(ok_m07_three_orders) {
  struct { mutex lock[3]; } l;
  wait_group all;
  for (int i = 0; i < 3; ++i) {
    all.go([&, i] {
      const int low = i == 2 ? 0 : i, high = i == 2 ? 2 : i + 1;
      l.lock[low].lock();
      l.lock[high].lock();
      l.lock[high].unlock();
      l.lock[low].unlock();
    });
  }
  all.wait();
}

// Both hang, and main goes on all the same.
RAVEL_PROGRAM(misuse_m07_hangs) {
  auto* l = new two_locks;
  auto met = make_chan<unit>();
  go([l, met] {
    l->a.lock();
    met << unit{};
    l->b.lock();
  });
  go([l, met] {
    l->b.lock();
    met.recv();
    l->a.lock();
  });
  until_reported();
}

RAVEL_PROGRAM(leak_m08_never_unlocked) {
  in_a_frame_of_its_own([] {
    auto* m = new mutex;
    go([m] { m->lock(); });
    go([m] {
      until([m] {
        if (!m->try_lock()) return true;
        m->unlock();
        return false;
      });
      m->lock();
    });
  });
  until_reported();
}

RAVEL_PROGRAM(ok_m08_unlocked_by_another) {
  auto* m = new mutex;
  m->lock();
  go([m] {
    let_others_go_on();
    m->unlock();
  });
  m->lock();
  m->unlock();
}

RAVEL_PROGRAM(deadlock_o01_once_in_itself) {
  once o;
  o.call([&] { o.call([] {}); });
}

RAVEL_PROGRAM(ok_o01_another_once) {
  once o, other;
  o.call([&] { other.call([] {}); });
}

RAVEL_PROGRAM(deadlock_o04_once_waits_for_its_waiter) {
  once o;
  auto inside = make_chan<unit>(), c = make_chan<unit>();
  go([&, inside, c] {
    o.call([&] {
      inside << unit{};
      c.recv();
    });
  });
  inside.recv();
  o.call([] {});
  c << unit{};
}

RAVEL_PROGRAM(ok_o04_once_waits_for_another) {
  once o;
  auto c = make_chan<unit>();
  go([&, c] { c << unit{}; });
  o.call([&] { c.recv(); });
}
