// Timers and tickers over the scheduler's heaps (sched/timers.hpp).
//
// Invariants: a timer is active exactly while one live entry, of its generation, is in a heap or on its way from there to due(). All fields
// but the counts are guarded by `guard`. References are handles, the live entry and a function that runs: with the last of them go channel
// and function, the latter always in a goroutine, since it may have a destructor of the user's. Dead entries keep the memory alone. A channel
// timer's channel has room for one value; stop and reset take back a value nobody has received, and due() sends under the same guard, so
// that no value is stale (Go 1.23).

#include <atomic>
#include <chrono>
#include <mutex>

#include "runtime/chan/chan_core.hpp"
#include "runtime/hooks/order.hpp"
#include "runtime/include/ravel/time.hpp"
#include "runtime/sched/timers.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

clock::time_point clock::now() noexcept { return time_point(clock::duration(sched::read_clock())); }

namespace detail {

struct timer_core : sched::timer_base {
  std::atomic<std::uint32_t> references{1};
  std::atomic<std::uint32_t> keepers{1};  // of the memory: entries, and all references together
  sched::os_lock guard;
  bool active = false;
  std::int64_t when = 0;
  std::int64_t period = 0;
  sched::timer_heap* home = nullptr;     // where its live entry is
  chan<clock::time_point> channel;       // channel timers, but for after's
  chan_core* own_channel = nullptr;      // after's: a part of it
  closure* work = nullptr;               // function timers
  clock_storage started;
  hooks::timer_name name;                // of the order of operations
  clock_storage dropped;                 // by those that gave their references back, for the last one
};

namespace {

// Timer, channel and the channel's room in one piece, which is used again: after() is called for every turn of many a loop. Keepers are
// its entries, the timer's references together, and the channel's together.
struct after_core : timer_core {
  struct part : chan_core {
    after_core* whole;
  } c;
  clock::time_point value;
  after_core* next = nullptr;  // on the shelf
};

// Of one thread: no lock, and nothing of it is held across a park.
class after_shelf {
 public:
  after_shelf() = default;
  after_shelf(const after_shelf&) = delete;
  after_shelf& operator=(const after_shelf&) = delete;
  ~after_shelf() {
    while (after_core* a = take()) delete a;
    count_ = most;  // what comes later, from destructors of other thread_locals, is not kept
  }
  after_core* take() {
    after_core* a = first_;
    if (a == nullptr) return nullptr;
    first_ = a->next;
    --count_;
    return a;
  }
  void put(after_core* a) {
    if (count_ == most) {
      delete a;
      return;
    }
    a->next = first_;
    first_ = a;
    ++count_;
  }

 private:
  static constexpr int most = 1024;
  after_core* first_ = nullptr;
  int count_ = 0;
};
[[gnu::noinline]] after_shelf& shelf_of_thread() {
  static thread_local after_shelf shelf;
  return shelf;
}

chan_core* channel_core(const timer_core* t) { return t->own_channel != nullptr ? t->own_channel : t->channel.core(); }

void forget(timer_core* t) {
  if (add_to(t->keepers, std::uint32_t{0} - 1, std::memory_order_acq_rel) != 1) return;
  if (t->own_channel != nullptr) {
    shelf_of_thread().put(static_cast<after_core*>(t));
    return;
  }
  const unchecked_frees unchecked;  // of memory that others have read to get at the channel
  delete t;
}

sched::goroutine* fire_on_channel(timer_core* t) {
  chan_core& c = *channel_core(t);
  clock::time_point now = clock::now();
  sched::goroutine* wake = nullptr;
  as_lock(c.lock).lock();
  if (hooks::order_keeper* k = hooks::keeps_order()) [[unlikely]] {
    const hooks::order_keeper::owned channel = in_order(&c, c.order);
    k->fired(t->name, &channel);
  }
  if (waiter* r = pop_front(c.receivers)) {
    if constexpr (hooks::enabled) hooks::sink().acquire(*r->g, as_object(t->started), hooks::operation::timer_fire);
    c.move(r->element, &now);
    r->moved = true;
    wake = r->g;
  } else if (c.length == 0) {
    if constexpr (hooks::enabled) hooks::sink().transfer(as_object(t->started), as_object(c.slots[0]));
    c.move(c.slot(0), &now);
    c.set_length(1);
  }
  as_lock(c.lock).unlock();
  return wake;
}

struct timer_function : closure {
  timer_core* timer;
  static void run_it(closure* c) {
    auto* self = static_cast<timer_function*>(c);
    if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), as_object(self->timer->started), hooks::operation::timer_fire);
    self->timer->work->run(self->timer->work);
  }
  static void destroy_it(closure* c) noexcept {
    auto* self = static_cast<timer_function*>(c);
    detail::release(self->timer);
    delete self;
  }
};

void start_locked(timer_core* t) {
  if (hooks::order_keeper* k = hooks::keeps_order()) [[unlikely]] {
    const void* self = t;
    k->took(hooks::op::timer_use, 1, &self, 1);
    k->started_timer(static_cast<sched::timer_base*>(t), t->name);
  }
  add_to(t->keepers, 1, std::memory_order_relaxed);
  retain(t);
  t->active = true;
  t->home = &sched::timers_here();
  t->home->add(t->when, *t, t->generation.fetch_add(1, std::memory_order_relaxed) + 1);
}

void due(sched::timer_base& base, std::uint64_t generation, sched::timer_heap& heap) {
  auto* t = static_cast<timer_core*>(&base);
  sched::goroutine* wake = nullptr;
  timer_function* function = nullptr;
  bool entry_reference_ends = false;
  {
    const std::lock_guard hold(t->guard);
    if (t->generation.load(std::memory_order_relaxed) != generation) return;  // stopped meanwhile, and counted so
    if (channel_core(t) != nullptr) {
      wake = fire_on_channel(t);
    } else {  // the entry's reference becomes its
      if (hooks::order_keeper* k = hooks::keeps_order()) [[unlikely]] k->fired(t->name, nullptr);
      function = new timer_function{{&timer_function::run_it, &timer_function::destroy_it}, t};
    }
    if (t->period > 0) {
      const std::int64_t now = sched::now_ns();
      t->when += t->period * (1 + (now > t->when ? (now - t->when) / t->period : 0));
      add_to(t->keepers, 1, std::memory_order_relaxed);
      heap.add(t->when, *t, t->generation.fetch_add(1, std::memory_order_relaxed) + 1);
    } else {
      t->active = false;
      t->generation.fetch_add(1, std::memory_order_relaxed);
      entry_reference_ends = function == nullptr;
    }
  }
  if (wake != nullptr) sched::ready(*wake);
  if (function != nullptr) sched::spawn(go_options{}, function, nullptr);
  heap.finished();
  if (entry_reference_ends) release(t);
}

void publish_start([[maybe_unused]] timer_core* t) {
  if constexpr (hooks::enabled) hooks::sink().release(sched::current(), as_object(t->started), hooks::operation::timer_start);
}

void take_back_value(timer_core* t) {
  if (channel_core(t) == nullptr) return;
  chan_core& c = *channel_core(t);
  as_lock(c.lock).lock();
  c.set_length(0);
  as_lock(c.lock).unlock();
}

// The heap in which an entry has become dead, null when the timer was not active.
sched::timer_heap* end_locked(timer_core* t) {
  sched::timer_heap* from = t->active ? t->home : nullptr;
  if (t->active) t->generation.fetch_add(1, std::memory_order_relaxed);
  t->active = false;
  take_back_value(t);
  return from;
}

void count_stopped(timer_core* t, sched::timer_heap* from) {
  if (from == nullptr) return;
  from->stopped();
  release(t);  // the entry's; the caller has his own
}

timer_core* make(std::int64_t first, std::int64_t period) {
  sched::current();
  auto* t = new timer_core;
  t->due = due;
  t->drop = [](sched::timer_base& base) { forget(static_cast<timer_core*>(&base)); };
  t->when = first;
  t->period = period;
  t->periodic = period > 0;
  t->cancel = [](sched::timer_base& base) { stop(static_cast<timer_core*>(&base)); };
  return t;
}

timer_core* start(timer_core* t) {
  publish_start(t);
  {
    const std::lock_guard hold(t->guard);
    start_locked(t);
  }
  sched::note_timer_added();
  return t;
}

// A handle of an after's channel goes.
void let_go(chan_core* c) noexcept {
  after_core* t = static_cast<after_core::part*>(c)->whole;
  add_to(t->keepers, 1, std::memory_order_relaxed);
  const std::uint32_t before = add_to(c->references, std::uint32_t{0} - 1, std::memory_order_acq_rel);
  if (before == 2) {
    // If the timer is active the other reference is its own, and nobody can receive any more.
    sched::timer_heap* from = nullptr;
    {
      const std::lock_guard hold(t->guard);
      if (t->active) from = end_locked(t);
    }
    count_stopped(t, from);
  } else if (before == 1) {
    forget(t);
  }
  forget(t);
}

after_core* fresh_after() {
  after_core* a = shelf_of_thread().take();
  if (a == nullptr) {
    a = new after_core;
    a->own_channel = &a->c;
    a->c.whole = a;
    a->due = due;
    a->drop = [](sched::timer_base& base) { forget(static_cast<timer_core*>(&base)); };
    a->c.type = carried<clock::time_point>::element();
    a->c.capacity = 1;
    a->c.buffer = reinterpret_cast<unsigned char*>(&a->value);
    a->c.let_go = let_go;
  }
  a->c.length = 0;
  a->c.references.store(2, std::memory_order_relaxed);  // the timer's, the caller's
  a->references.store(0, std::memory_order_relaxed);    // but for its entry's nobody refers to it
  a->keepers.store(2, std::memory_order_relaxed);
  return a;
}

}  // namespace

recv_chan<clock::time_point> after_until(std::int64_t deadline) {
  if constexpr (hooks::enabled) {  // there a timer's memory tells its history, which must end with it
    const timer_handle t(make_channel_timer(deadline, 0, make_chan<clock::time_point>(1)));
    return channel_of(t.get());
  }
  sched::current();
  after_core* a = fresh_after();
  a->when = deadline;
  const recv_chan<clock::time_point> c{core_handle(&a->c)};
  start(a);
  return c;
}

timer_core* make_channel_timer(std::int64_t first, std::int64_t period, const chan<clock::time_point>& c) {
  timer_core* t = make(first, period);
  t->channel = c;
  return start(t);
}

timer_core* make_function_timer(std::int64_t first, closure* f) {
  timer_core* t = make(first, 0);
  t->work = f;
  return start(t);
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
  if (t->channel) {
    // On the scheduler's stack there may be no goroutine to receive what only this timer could still reach.
    if (t->channel.core()->references.load(std::memory_order_acquire) == 1) take_back_value(t);
    t->channel = {};
  } else if (t->own_channel != nullptr) {
    if (add_to(t->own_channel->references, std::uint32_t{0} - 1, std::memory_order_acq_rel) == 1) forget(t);
  }
  forget(t);
}

bool stop(timer_core* t) {
  RAVEL_POINT(timer_use, writes, t);
  sched::timer_heap* from = nullptr;
  {
    const std::lock_guard hold(t->guard);
    from = end_locked(t);
    hooks::took(hooks::op::timer_use, t, from != nullptr ? 3 : 2);
  }
  count_stopped(t, from);
  return from != nullptr;
}

bool reset(timer_core* t, std::int64_t first, std::int64_t period) {
  RAVEL_POINT(timer_use, writes, t);
  publish_start(t);
  sched::timer_heap* from = nullptr;
  {
    const std::lock_guard hold(t->guard);
    from = end_locked(t);
    t->when = first;
    t->period = period;
    t->periodic = period > 0;
    start_locked(t);
  }
  count_stopped(t, from);
  sched::note_timer_added();
  return from != nullptr;
}

const chan<clock::time_point>& channel_of(const timer_core* t) { return t->channel; }

void sleep_until_ns(std::int64_t deadline) { sched::sleep_until(deadline); }

}  // namespace detail
} }
