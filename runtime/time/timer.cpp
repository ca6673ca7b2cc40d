// Timers: one heap by deadline, served by one thread that sleeps until the next is due.
//
// Invariants: `pending` timers are in the heap at `place`, others have place == none; the heap is guarded by `lock`, as are all fields of
// timers but their reference count. A channel timer's channel has room for one value; stop and reset take back a value nobody has received,
// so that none is stale (Go 1.23).

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <system_error>
#include <vector>

#include "runtime/chan/chan_core.hpp"
#include "runtime/include/ravel/time.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

clock::time_point clock::now() noexcept { return time_point(std::chrono::steady_clock::now().time_since_epoch()); }

namespace detail {

struct timer_core {
  static constexpr std::size_t none = ~std::size_t{0};
  std::atomic<std::uint32_t> references{1};
  std::int64_t when = 0;
  std::int64_t period = 0;
  std::size_t place = none;
  chan<clock::time_point> channel;       // channel timers
  closure* work = nullptr;               // function timers: run once, then gone
  sched::goroutine* sleeper = nullptr;   // sleep
  clock_storage started;
  clock_storage dropped;                 // by those that gave their references back, for the last one
};

namespace {

sched::os_lock lock;
std::vector<timer_core*>& heap = *new std::vector<timer_core*>;
std::atomic<std::uint32_t> changed{0};
bool thread_runs = false;

void put(std::size_t i, timer_core* t) {
  heap[i] = t;
  t->place = i;
}
void sift_up(std::size_t i) {
  timer_core* t = heap[i];
  for (; i != 0 && t->when < heap[(i - 1) / 4]->when; i = (i - 1) / 4) put(i, heap[(i - 1) / 4]);
  put(i, t);
}
void sift_down(std::size_t i) {
  timer_core* t = heap[i];
  for (;;) {
    std::size_t least = i;
    std::int64_t when = t->when;
    for (std::size_t c = 4 * i + 1; c <= 4 * i + 4 && c < heap.size(); ++c) {
      if (heap[c]->when < when) when = heap[least = c]->when;
    }
    if (least == i) break;
    put(i, heap[least]);
    i = least;
  }
  put(i, t);
}
void remove_locked(timer_core* t) {
  const std::size_t i = t->place;
  t->place = timer_core::none;
  timer_core* last = heap.back();
  heap.pop_back();
  if (last != t) {
    put(i, last);
    sift_up(i);
    sift_down(last->place);
  }
  sched::note_pending_timers(-1);
}

void fire_on_channel(timer_core* t) {
  chan_core& c = *t->channel.core();
  clock::time_point now = clock::now();
  sched::goroutine* wake = nullptr;
  as_lock(c.lock).lock();
  if (waiter* r = pop_front(c.receivers)) {
    if constexpr (hooks::enabled) hooks::sink().acquire(*r->g, as_object(t->started), hooks::operation::timer_fire);
    c.move(r->element, &now);
    r->moved = true;
    wake = r->g;
  } else if (c.length == 0) {
    if constexpr (hooks::enabled) hooks::sink().transfer(as_object(t->started), as_object(c.slots[0]));
    c.move(c.slot(0), &now);
    c.length = 1;
  }
  as_lock(c.lock).unlock();
  if (wake != nullptr) sched::ready(*wake);
}

struct timer_function : closure {
  closure* inner;
  timer_core* timer;
  static void run_it(closure* c) {
    auto* self = static_cast<timer_function*>(c);
    if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), as_object(self->timer->started), hooks::operation::timer_fire);
    self->inner->run(self->inner);
  }
  static void destroy_it(closure* c) noexcept {
    auto* self = static_cast<timer_function*>(c);
    detail::release(self->timer);
    delete self;
  }
};

// Takes over one reference of a function timer, so that it is never this thread, no goroutine, that destroys the user's function.
void fire(timer_core* t) {
  if (t->sleeper != nullptr) {
    sched::ready(*t->sleeper);
  } else if (t->channel) {
    fire_on_channel(t);
  } else {
    auto* f = new timer_function{{&timer_function::run_it, &timer_function::destroy_it}, t->work, t};
    sched::spawn(go_options{}, f, nullptr);
  }
}

void* serve(void*) {
  for (;;) {
    const std::uint32_t seen = changed.load(std::memory_order_acquire);
    timer_core* due = nullptr;
    bool asleep = false;  // a sleeper's timer is on its stack: gone once it is made ready
    std::int64_t wait = -1;
    {
      const std::lock_guard hold(lock);
      if (!heap.empty()) {
        timer_core* t = heap.front();
        const std::int64_t now = clock::now().time_since_epoch().count();
        if (t->when > now) {
          wait = t->when - now;
        } else {
          due = t;
          asleep = due->sleeper != nullptr;
          // A timer counts as pending until what it wakes is runnable: no moment looks like a deadlock.
          sched::note_pending_timers(1);
          if (t->period > 0) {
            t->when += t->period * (1 + (now - t->when) / t->period);
            sift_down(0);
            retain(due);
          } else {
            remove_locked(t);  // the heap's reference becomes ours
          }
          // Under the lock: stop and reset see either a timer that has not fired or its value in the channel.
          if (due->channel) fire(due);
        }
      }
    }
    if (due != nullptr) {
      if (asleep) {
        fire(due);
      } else {
        if (due->channel) release(due);
        else fire(due);
      }
      sched::note_pending_timers(-1);
      continue;
    }
    sched::futex_wait(changed, seen, wait);
  }
}

void start_locked(timer_core* t) {
  if (!thread_runs) {
    thread_runs = true;
    const hooks::own_use ours;
    sched::global.known_threads.fetch_add(1);
    pthread_t thread;
    const int error = ::pthread_create(&thread, nullptr, serve, nullptr);
    if (error != 0) throw std::system_error(error, std::generic_category(), "ravel: cannot start the timer thread");
    ::pthread_detach(thread);
  }
  if (t->sleeper == nullptr) retain(t);  // the heap's
  heap.push_back(t);
  sift_up(heap.size() - 1);
  sched::note_pending_timers(1);
  if (t->place == 0) {
    changed.fetch_add(1, std::memory_order_release);
    sched::futex_wake(changed);
  }
}

void publish_start([[maybe_unused]] timer_core* t) {
  if constexpr (hooks::enabled) hooks::sink().release(sched::current(), as_object(t->started), hooks::operation::timer_start);
}

void take_back_value(timer_core* t) {
  if (!t->channel) return;
  chan_core& c = *t->channel.core();
  as_lock(c.lock).lock();
  c.length = 0;
  as_lock(c.lock).unlock();
}

}  // namespace

timer_core* make_channel_timer(std::int64_t first, std::int64_t period, const chan<clock::time_point>& c) {
  sched::current();
  auto* t = new timer_core;
  t->channel = c;
  t->when = first;
  t->period = period;
  publish_start(t);
  const std::lock_guard hold(lock);
  start_locked(t);
  return t;
}

timer_core* make_function_timer(std::int64_t first, closure* f) {
  sched::current();
  auto* t = new timer_core;
  t->work = f;
  t->when = first;
  publish_start(t);
  const std::lock_guard hold(lock);
  start_locked(t);
  return t;
}

void retain(timer_core* t) noexcept { t->references.fetch_add(1, std::memory_order_relaxed); }

void release(timer_core* t) noexcept {
  // The last one destroys the function, which the others may have run. The timer thread touches nothing of the user's.
  [[maybe_unused]] sched::goroutine* me = sched::current_if_any();
  if constexpr (hooks::enabled) {
    if (me != nullptr) hooks::sink().release_merge(*me, as_object(t->dropped), hooks::operation::timer_start);
  }
  if (t->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if constexpr (hooks::enabled) {
    if (me != nullptr) hooks::sink().acquire(*me, as_object(t->dropped), hooks::operation::timer_fire);
  }
  hooks::destroyed(as_object(t->dropped));
  hooks::destroyed(as_object(t->started));
  if (t->work != nullptr) t->work->destroy(t->work);
  t->channel = {};
  const unchecked_frees unchecked;  // of memory that others have read to get at the channel
  delete t;
}

bool stop(timer_core* t) {
  const std::lock_guard hold(lock);
  const bool active = t->place != timer_core::none;
  if (active) {
    remove_locked(t);
    release(t);  // the heap's reference; the caller has his own
  }
  take_back_value(t);
  return active;
}

bool reset(timer_core* t, std::int64_t first, std::int64_t period) {
  publish_start(t);
  const std::lock_guard hold(lock);
  const bool active = t->place != timer_core::none;
  if (active) {
    remove_locked(t);
    release(t);
  }
  take_back_value(t);
  t->when = first;
  t->period = period;
  start_locked(t);
  return active;
}

const chan<clock::time_point>& channel_of(const timer_core* t) { return t->channel; }

void sleep_until_ns(std::int64_t deadline) {
  timer_core t;
  t.sleeper = &sched::current();
  t.when = deadline;
  lock.lock();
  start_locked(&t);
  sched::park([](void*) { lock.unlock(); }, nullptr, hooks::wait_reason::sleep, nullptr);
}

}  // namespace detail
} }
