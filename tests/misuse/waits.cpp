// Channels, wait_groups, conds and contexts that nobody can end the wait for; and their near misses, where somebody could.

#include <malloc.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "tests/misuse/until_reported.hpp"

using namespace ravel;
using namespace std::chrono_literals;
using programs::in_a_frame_of_its_own;
using programs::until_reported;

namespace {

void stand_still() { sleep_for(10ms); }

chan<int> known_to_all;
recv_chan<int> results;  // known to all, too
mutex lock_of_all;

}  // namespace

RAVEL_PROGRAM(deadlock_c01_send_on_nil) { chan<int>() << 1; }
RAVEL_PROGRAM(deadlock_c02_receive_from_nil) { chan<int>().recv(); }
RAVEL_PROGRAM(deadlock_c16_no_cases) { select(); }

RAVEL_PROGRAM(leak_c01_send_on_nil) {
  go([] { chan<int>() << 1; });
  until_reported();
}
RAVEL_PROGRAM(leak_c02_receive_from_nil) {
  go([] { chan<int>().recv(); });
  until_reported();
}
RAVEL_PROGRAM(ok_c02_nil_in_a_select) {
  select(on_recv(chan<int>(), [](std::optional<int>) {}), on_default([] {}));
}

RAVEL_PROGRAM(leak_c21_abandoned_sender) {
  in_a_frame_of_its_own([] {
    auto result = make_chan<int>();
    go([result] { result << 1; });
  });
  until_reported();
}

// The C library's list of free chunks points at the last word of the block before such a chunk, and means the chunk. Here that block is one
// that nobody has any more, with a handle of the channel in it: 24 bytes, since a block has such a last word only when it is full.
RAVEL_PROGRAM(leak_c21_before_a_free_chunk) {
  in_a_frame_of_its_own([] {
    std::vector<void*> smaller;  // for whoever allocates from now on, the search itself too, who would else take a piece of the chunk meant here
    for (std::size_t size = 1100; size < 70'000; size += size / 2) {
      for (int i = 0; i < 4; ++i) {
        smaller.push_back(std::malloc(size));
        void* apart = std::malloc(24);
        programs::keep(apart);
      }
    }
    char* lost = nullptr;
    void* behind = nullptr;
    while (lost == nullptr || behind != lost + malloc_usable_size(lost) + sizeof(void*)) {
      lost = static_cast<char*>(std::malloc(24));
      behind = std::malloc(100'000);
      void* apart = std::malloc(24);
      programs::keep(apart);
    }
    auto* result = new (lost) chan<int>(make_chan<int>());
    go([result = *result] { result << 1; });
    for (void* s : smaller) std::free(s);
    std::free(behind);
  });
  until_reported();
}

RAVEL_PROGRAM(ok_c21_room_for_the_result) {
  in_a_frame_of_its_own([] {
    auto result = make_chan<int>(1);
    go([result] { result << 1; });
  });
  stand_still();
}

RAVEL_PROGRAM(ok_c21_main_could_receive) {
  auto result = make_chan<int>();
  go([result] { result << 1; });
  stand_still();
  result.recv();
}

// As in Go: the program just ends. Main had the channel to the last.
RAVEL_PROGRAM(ok_c21_main_could_have_received) {
  auto result = make_chan<int>();
  go([result] { result << 1; });
  stand_still();
  programs::keep(result);
}

RAVEL_PROGRAM(ok_c21_a_sleeper_will_receive) {
  in_a_frame_of_its_own([] {
    auto result = make_chan<int>();
    go([result] { result << 1; });
    go([result] {
      sleep_for(20ms);
      result.recv();
    });
  });
  stand_still();
  sleep_for(20ms);
}

RAVEL_PROGRAM(ok_c21_reached_through_a_structure) {
  struct node {
    chan<int> c = make_chan<int>();
    std::unique_ptr<node> next;
  };
  auto list = std::make_unique<node>();
  list->next = std::make_unique<node>();
  in_a_frame_of_its_own([&list] { go([c = list->next->c] { c << 1; }); });
  stand_still();
  list->next->c.recv();
}

RAVEL_PROGRAM(ok_c21_a_timer_function_will_receive) {
  in_a_frame_of_its_own([] {
    auto result = make_chan<int>();
    go([result] { result << 1; });
    after_func(20ms, [result] { result.recv(); });
  });
  sleep_for(40ms);
}

RAVEL_PROGRAM(ok_c21_in_a_global) {
  known_to_all = make_chan<int>();
  in_a_frame_of_its_own([] { go([c = known_to_all] { c << 1; }); });
  stand_still();
}

RAVEL_PROGRAM(leak_c20_one_too_many) {
  in_a_frame_of_its_own([] {
    auto c = make_chan<int>(2);
    go([c] {
      for (int i = 0; i < 3; ++i) c << i;
    });
  });
  until_reported();
}

RAVEL_PROGRAM(ok_c20_as_many_as_fit) {
  in_a_frame_of_its_own([] {
    auto c = make_chan<int>(3);
    go([c] {
      for (int i = 0; i < 3; ++i) c << i;
    });
  });
  stand_still();
}

RAVEL_PROGRAM(leak_c14_never_closed) {
  in_a_frame_of_its_own([] {
    auto c = make_chan<int>();
    go([c] {
      for (int v : c) programs::use(v);
    });
    c << 1;
  });
  until_reported();
}

RAVEL_PROGRAM(ok_c14_closed) {
  in_a_frame_of_its_own([] {
    auto c = make_chan<int>();
    go([c] {
      for (int v : c) programs::use(v);
    });
    c << 1;
    c.close();
  });
  stand_still();
}

// The global is in everybody's reach; but who has it can only receive.
RAVEL_PROGRAM(leak_c14_a_global_that_can_only_receive) {
  results = make_chan<int>();
  go([] { programs::use(results.recv()); });
  until_reported();
}

RAVEL_PROGRAM(leak_c22_select_of_globals_that_can_only_receive) {
  results = make_chan<int>();
  go([also = recv_chan<int>(make_chan<int>(1))] { select(on_recv(results), on_recv(also)); });
  until_reported();
}

// However handles that only receive were copied, moved and dropped before: one is left that can send.
RAVEL_PROGRAM(ok_c14_one_handle_is_left_that_can_send) {
  auto c = make_chan<int>();
  results = c;
  {
    recv_chan<int> a = c, b = a, moved = std::move(a);
    a = moved;
    b = std::move(moved);
    moved = recv_chan<int>();
    std::swap(a, b);
    a = *&a;
    std::vector<recv_chan<int>> many(20, b);
    many.erase(many.begin() + 3);
    select(on_recv(recv_chan<int>(b)), on_default());
    select_case kept = on_recv(recv_chan<int>(c));
    auto owner = owned_chan<int>(make_chan<int>());
    recv_chan<int> view = owner.view();
    view = b;
  }
  wait_group all;
  all.go([] { programs::use(results.recv()); });
  all.go([out = std::move(c)] {
    stand_still();
    out << 1;
  });
  all.wait();
}

RAVEL_PROGRAM(ok_c14_a_global_that_can_send) {
  known_to_all = make_chan<int>();
  results = known_to_all;
  go([] { programs::use(results.recv()); });
  stand_still();
}

// A lock in everybody's reach, which only its holder will unlock; and he is dead.
RAVEL_PROGRAM(leak_c24_a_global_lock_held_by_one_that_is_dead) {
  in_a_frame_of_its_own([] {
    go([c = make_chan<int>()] {
      lock_of_all.lock();
      go([] { lock_of_all.lock(); });
      c << 1;
    });
  });
  until_reported();
}

RAVEL_PROGRAM(leak_c22_select_of_lost_channels) {
  in_a_frame_of_its_own([] {
    auto a = make_chan<int>(), b = make_chan<int>();
    go([a, b] { select(on_recv(a, [](std::optional<int>) {}), on_send(b, 1, [] {})); });
  });
  until_reported();
}

RAVEL_PROGRAM(ok_c22_one_channel_is_not_lost) {
  auto a = make_chan<int>();
  in_a_frame_of_its_own([&a] {
    auto b = make_chan<int>();
    go([a, b] { select(on_recv(a, [](std::optional<int>) {}), on_send(b, 1, [] {})); });
  });
  stand_still();
  a << 1;
}

RAVEL_PROGRAM(ok_c22_a_timer_ends_it) {
  in_a_frame_of_its_own([] {
    auto a = make_chan<int>();
    go([a] { select(on_recv(a, [](std::optional<int>) {}), on_recv(after(20ms), [](auto) {})); });
  });
  sleep_for(40ms);
}

// Two that wait for each other on two channels of their own.
RAVEL_PROGRAM(leak_c21_two_that_wait_for_each_other) {
  in_a_frame_of_its_own([] {
    auto a = make_chan<int>(), b = make_chan<int>();
    go([a, b] {
      a << 1;
      b.recv();
    });
    go([a, b] {
      b << 1;
      a.recv();
    });
  });
  until_reported();
}

RAVEL_PROGRAM(leak_c24_send_under_lock) {
  in_a_frame_of_its_own([] {
    struct shared {
      mutex m;
      chan<int> c = make_chan<int>();
    };
    auto s = std::make_shared<shared>();
    auto locked = make_chan<unit>();
    go([s, locked] {
      s->m.lock();
      locked << unit{};
      s->c << 1;
      s->m.unlock();
    });
    go([s, locked] {
      locked.recv();
      s->m.lock();
      s->m.unlock();
      s->c.recv();
    });
  });
  until_reported();
}

RAVEL_PROGRAM(ok_c24_send_under_lock) {
  struct shared {
    mutex m;
    chan<int> c = make_chan<int>();
  };
  auto s = std::make_shared<shared>();
  wait_group all;
  all.go([s] {
    s->m.lock();
    s->c << 1;
    s->m.unlock();
  });
  all.go([s] {
    s->c.recv();
    s->m.lock();
    s->m.unlock();
  });
  all.wait();
}

RAVEL_PROGRAM(deadlock_c24_main_holds_the_lock) {
  mutex m;
  auto c = make_chan<int>();
  m.lock();
  go([&, c] {
    m.lock();
    c.recv();
    m.unlock();
  });
  c << 1;
  m.unlock();
}

RAVEL_PROGRAM(leak_w06_a_done_is_missing) {
  in_a_frame_of_its_own([] {
    auto wg = std::make_shared<wait_group>();
    wg->add(2);
    go([wg] { wg->done(); });
    go([wg] { wg->wait(); });
  });
  until_reported();
}

RAVEL_PROGRAM(ok_w06_a_done_comes_late) {
  in_a_frame_of_its_own([] {
    auto wg = std::make_shared<wait_group>();
    wg->add(2);
    go([wg] { wg->done(); });
    go([wg] {
      sleep_for(20ms);
      wg->done();
    });
    go([wg] { wg->wait(); });
  });
  sleep_for(50ms);
}

RAVEL_PROGRAM(deadlock_w06_waits_for_itself) {
  wait_group wg;
  wg.go([&] { wg.wait(); });
  wg.wait();
}

RAVEL_PROGRAM(leak_d08_nobody_signals) {
  in_a_frame_of_its_own([] {
    struct shared {
      mutex m;
      cond c{m};
    };
    auto s = std::make_shared<shared>();
    go([s] {
      s->m.lock();
      s->c.wait();
      s->m.unlock();
    });
  });
  until_reported();
}

RAVEL_PROGRAM(ok_d08_somebody_signals) {
  struct shared {
    mutex m;
    cond c{m};
    bool ready = false;
  };
  auto s = std::make_shared<shared>();
  wait_group all;
  all.go([s] {
    s->m.lock();
    while (!s->ready) s->c.wait();
    s->m.unlock();
  });
  stand_still();
  s->m.lock();
  s->ready = true;
  s->m.unlock();
  s->c.signal();
  all.wait();
}

// The signal came before anybody waited.
RAVEL_PROGRAM(deadlock_d08_lost_signal) {
  mutex m;
  cond c(m);
  c.signal();
  m.lock();
  c.wait();
}

RAVEL_PROGRAM(leak_x02_nobody_can_cancel) {
  in_a_frame_of_its_own([] {
    context::context ctx = context::with_cancel(context::background()).ctx;
    go([ctx] { ctx.done().recv(); });
  });
  until_reported();
}

RAVEL_PROGRAM(ok_x02_a_deadline_ends_it) {
  in_a_frame_of_its_own([] {
    context::context ctx = context::with_timeout(context::background(), 20ms).ctx;
    go([ctx] { ctx.done().recv(); });
  });
  sleep_for(40ms);
}

RAVEL_PROGRAM(ok_x02_its_parent_can_be_cancelled) {
  auto [parent, cancel] = context::with_cancel(context::background());
  in_a_frame_of_its_own([&parent] {
    context::context ctx = context::with_cancel(parent).ctx;
    go([ctx] { ctx.done().recv(); });
  });
  stand_still();
  cancel();
}

// Main waits for good while others work: meant so.
RAVEL_PROGRAM(ok_main_waits_for_good) {
  go([] {
    sleep_for(20ms);
    std::quick_exit(0);
  });
  select();
}

RAVEL_PROGRAM(deadlock_m09_wait_under_a_lock_of_the_counted) {
  mutex m;
  wait_group all;
  m.lock();
  all.go([&] {
    m.lock();
    m.unlock();
  });
  all.wait();
}
RAVEL_PROGRAM(ok_m09_waits_without_the_lock) {
  mutex m;
  wait_group all;
  m.lock();
  all.go([&] {
    m.lock();
    m.unlock();
  });
  m.unlock();
  all.wait();
}

RAVEL_PROGRAM(deadlock_d07_wait_under_another_lock) {
  mutex outer, m;
  cond c(m);
  bool ready = false;
  outer.lock();
  go([&] {
    const std::lock_guard first(outer), second(m);
    ready = true;
    c.signal();
  });
  m.lock();
  while (!ready) c.wait();
}
RAVEL_PROGRAM(ok_d07_another_lock_that_nobody_wants) {
  mutex outer, m;
  cond c(m);
  bool ready = false;
  const std::lock_guard hold(outer);
  go([&] {
    const std::lock_guard second(m);
    ready = true;
    c.signal();
  });
  m.lock();
  while (!ready) c.wait();
  m.unlock();
}

// D04. Two kinds of waiters, and one signal for both: told as what is left of it, a cond that nobody will signal.
RAVEL_PROGRAM(deadlock_d08_one_signal_for_two_kinds) {
  mutex m;
  cond c(m);
  int waiting = 0;
  bool first = false, second = false;
  wait_group all;
  const auto wait_for = [&](bool& condition) {
    const std::lock_guard hold(m);
    ++waiting;
    while (!condition) c.wait();
  };
  all.go([&] { wait_for(first); });
  all.go([&] { wait_for(second); });
  programs::until([&] {
    const std::lock_guard hold(m);
    return waiting == 2;
  });
  {
    const std::lock_guard hold(m);
    first = second = true;
    c.signal();
  }
  all.wait();
}
RAVEL_PROGRAM(ok_d04_broadcast_to_all_kinds) {
  mutex m;
  cond c(m);
  bool first = false, second = false;
  wait_group all;
  const auto wait_for = [&](bool& condition) {
    const std::lock_guard hold(m);
    while (!condition) c.wait();
  };
  all.go([&] { wait_for(first); });
  all.go([&] { wait_for(second); });
  {
    const std::lock_guard hold(m);
    first = second = true;
  }
  c.broadcast();
  all.wait();
}

RAVEL_PROGRAM(deadlock_o02_two_onces_that_call_each_other) {
  once a, b;
  auto in_a = make_chan<unit>(), in_b = make_chan<unit>();
  wait_group all;
  all.go([&] {
    a.call([&] {
      in_a.close();
      in_b.recv();
      b.call([] {});
    });
  });
  all.go([&] {
    b.call([&] {
      in_b.close();
      in_a.recv();
      a.call([] {});
    });
  });
  all.wait();
}
RAVEL_PROGRAM(ok_o02_one_after_the_other) {
  once a, b;
  wait_group all;
  for (int i = 0; i < 2; ++i) {
    all.go([&] {
      a.call([&] { b.call([] {}); });
      b.call([] {});
    });
  }
  all.wait();
}
