#pragma once
// Package sync. All block the goroutine, never the OS thread. None may be copied or moved while in use.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "detail/alone.hpp"
#include "detail/goexit.hpp"
#include "detail/mutex_core.hpp"
#include "detail/rw_mutex_core.hpp"
#include "detail/wait_list.hpp"
#include "go.hpp"

RAVEL_NAMESPACE_BEGIN

// What cond needs of a lock. unlock must not throw.
class lockable {
 public:
  virtual void lock() = 0;
  virtual void unlock() = 0;

 protected:
  lockable() = default;
  ~lockable() = default;
};

// sync.Mutex. Any goroutine may unlock it. unlock of an unlocked mutex is fatal, as in Go. Unlock happens before the next lock. No waiter
// starves: detail/mutex_core.hpp. May be destroyed as soon as nobody holds it or waits, also right after another goroutine's unlock.
class mutex final : public lockable {
 public:
  mutex() = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;

#if RAVEL_RACE
  ~mutex();
  void lock() override;
  void unlock() override;
  bool try_lock();  // never blocks; a failed one orders nothing
#else
  void lock() override { core_.lock(this); }
  void unlock() override { core_.unlock(); }
  bool try_lock() { return core_.try_lock(); }
#endif

 private:
  detail::mutex_core core_;
#if RAVEL_RACE
  detail::order_storage order_;
  detail::clock_storage clock_;
#endif
};

// sync.RWMutex: many readers or one writer; a waiting writer goes before new readers; no reader has to park more than twice.
// Readers do not order each other. A lock that readers on several processors crowd takes a cache line more for each, at most 16. Misuse is
// fatal, as in Go; of such a crowded lock one unlock_shared too many is told by the next lock. Destroying it: as mutex.
class rw_mutex final : public lockable {
 public:
  rw_mutex() = default;
  rw_mutex(const rw_mutex&) = delete;
  rw_mutex& operator=(const rw_mutex&) = delete;

#if RAVEL_RACE
  ~rw_mutex();
  void lock() override;
  void unlock() override;
  bool try_lock();
  void lock_shared();
  void unlock_shared();
  bool try_lock_shared();
#else
  void lock() override { core_.lock(this); }
  void unlock() override { core_.unlock(); }
  bool try_lock() { return core_.try_lock(); }
  void lock_shared() { core_.lock_shared(this); }
  void unlock_shared() { core_.unlock_shared(); }
  bool try_lock_shared() { return core_.try_lock_shared(); }
#endif

 private:
  detail::rw_mutex_core core_;
#if RAVEL_RACE
  detail::clock_storage writers_clock_;
  detail::clock_storage readers_clock_;
#endif
};

// sync.WaitGroup. done happens before the wait it unblocks returns. Panics: "sync: negative WaitGroup counter"; "sync: WaitGroup is
// reused before previous Wait has returned". May be destroyed when the last wait has returned.
class wait_group {
 public:
  wait_group() = default;
  ~wait_group();
  wait_group(const wait_group&) = delete;
  wait_group& operator=(const wait_group&) = delete;

#if RAVEL_RACE
  void add(long n = 1) { add_slow(n); }
  void wait() { wait_slow(); }
#else
  void add(long n = 1) {
    const std::uint64_t change = static_cast<std::uint64_t>(n) << 32;
    const std::uint64_t before = detail::add_to(state_, change, std::memory_order_acq_rel);
    const std::int64_t now = static_cast<std::int32_t>(before >> 32) + static_cast<std::int64_t>(n);
    // Nobody to wake and no misuse, told without another look at the group.
    if (static_cast<std::uint32_t>(before) != 0 || static_cast<std::uint64_t>(now) > INT32_MAX) added(n, before);
  }
  void wait() {
    if (state_.load(std::memory_order_acquire) >> 32 != 0) wait_slow();
  }
#endif
  void done() { add(-1); }

  template <class F>
  void go(F&& f) {  // add(1), then f concurrently, then done
    add(1);
    ravel::go([this](std::decay_t<F>&& g) { run(g); }, std::forward<F>(f));
  }

 private:
  template <class F>
  void run(F& f) {
    struct at_the_end {
      wait_group& group;
      ~at_the_end() { group.done(); }
    } done{*this};
    f();
  }

  void add_slow(long n);
  void added(long n, std::uint64_t before);  // what is left to do after the addition
  void wait_slow();

  // The counter in the upper half, below it the goroutines that are in wait: they count until they return.
  std::atomic<std::uint64_t> state_{0};
  detail::short_lock guard_;    // guards the rest
  std::uint32_t releases_ = 0;  // goroutines in wait that may return without parking
  detail::wait_list waiters_;
  [[no_unique_address]] detail::clock_storage clock_;
#if RAVEL_RACE
  alignas(8) unsigned char reuse_marker_[8] = {};
#endif
};

// sync.Once: the first call runs f, the others wait for it. f's return happens before the return of every call. As in Go, f counts as
// having run even if it threw.
class once {
 public:
  once() = default;
  ~once();
  once(const once&) = delete;
  once& operator=(const once&) = delete;

  template <class F>
  void call(F&& f) {
#if !RAVEL_RACE  // there begin() tells the detector of each call
    if (state_.load(std::memory_order_acquire) == done) [[likely]] return;
#endif
    if (!begin()) return;
    struct at_the_end {
      once& o;
      ~at_the_end() { o.finish(); }
    } finish{*this};
    std::forward<F>(f)();
  }

 private:
  bool begin();  // true: the caller must run f, then finish
  void finish();

  enum : unsigned char { never_called, running, done };
  std::atomic<unsigned char> state_{never_called};
  detail::short_lock guard_;   // guards waiters_, and state_ but for reading
  detail::wait_list waiters_;
  [[no_unique_address]] detail::clock_storage clock_;
};

// sync.OnceFunc: a function that runs f on its first call; if f threw, every call throws the same.
template <class F>
auto once_func(F f) {
  struct shared {
    once o;
    F f;
    std::exception_ptr thrown;
    explicit shared(F g) : f(std::move(g)) {}
  };
  return [s = std::make_shared<shared>(std::move(f))] {
    s->o.call([&s] {
      try { s->f(); } catch (...) {
        if (detail::goexit_in_flight()) throw;
        s->thrown = std::current_exception();
      }
    });
    if (s->thrown) std::rethrow_exception(s->thrown);
  };
}

// sync.OnceValue: a function that returns what f returned on its first call.
template <class F>
auto once_value(F f) {
  using value = std::decay_t<std::invoke_result_t<F&>>;
  struct shared {
    once o;
    F f;
    std::optional<value> result;
    std::exception_ptr thrown;
    explicit shared(F g) : f(std::move(g)) {}
  };
  return [s = std::make_shared<shared>(std::move(f))]() -> value {
    s->o.call([&s] {
      try { s->result.emplace(s->f()); } catch (...) {
        if (detail::goexit_in_flight()) throw;
        s->thrown = std::current_exception();
      }
    });
    if (s->thrown) std::rethrow_exception(s->thrown);
    return *s->result;
  };
}

// sync.Cond, FIFO. Signal happens before the return of the wait it wakes.
class cond {
 public:
  explicit cond(lockable& l) : lock_(l) {}
#if RAVEL_RACE
  ~cond();
#endif
  cond(const cond&) = delete;
  cond& operator=(const cond&) = delete;

  void wait();  // the lock must be held; it is released while waiting and held again on return
  template <class Predicate>
  void wait(Predicate ready) {
    while (!ready()) wait();
  }
  void signal();     // wakes the one that waits longest, if any
  void broadcast();  // wakes all

 private:
  lockable& lock_;
  detail::short_lock guard_;
  detail::wait_list waiters_;
};

namespace detail {

// What pool<T> keeps its objects in. A resident box stays with its processor, full, empty, or `busy` while a goroutine moves its object in
// or out: that is the program's code, which may even park. Other boxes are full, in a list, and deleted when emptied.
struct pool_box {
  enum : unsigned char { empty, busy, full };
  pool_box* next = nullptr;
  std::atomic<unsigned char> state{busy};
  bool resident = false;
  [[no_unique_address]] clock_storage clock;
};

// Go sync/pool.go: each processor has a box of its own, which needs no atomic operation, and a list that others may take from. In a race
// build there is one list of boxes used once: so each put can meet each get, and no memory carries one object's accesses over to the next.
class pool_core {
 public:
  pool_core() = default;
  pool_core(const pool_core&) = delete;
  pool_core& operator=(const pool_core&) = delete;
  ~pool_core();
  pool_box* get();                     // one to empty; null: none
  pool_box* get_empty();               // a resident one to fill; null: none
  void put(pool_box* box);             // filled, not resident yet
  pool_box* drain();                   // any, also empty ones; null: none. Nobody else uses the pool.
  static void release(pool_box& box);  // the detector's clock of the box goes

 private:
  struct shard;
  struct shards;
  shard* own_shard();
  shards* make_shards();
  pool_box* get_from_lists(shard* own);
  void put_into_list(shard* own, pool_box* box);
  std::atomic<shards*> shards_{nullptr};
  short_lock guard_;                   // guards first_ and the making of shards_
  pool_box* first_ = nullptr;          // goroutines without a processor, and race builds
};

}  // namespace detail

// sync.Pool: objects to use again. put of an object happens before the get that returns it; other gets and puts order nothing. Objects are
// kept until the pool is destroyed; there must be no other use of it then.
template <class T>
class pool {
 public:
  template <class Factory>
  explicit pool(Factory make) : make_(std::move(make)) {}
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool() {
    while (detail::pool_box* b = core_.drain()) {
      box* mine = static_cast<box*>(b);
      if (b->state.load(std::memory_order_acquire) == detail::pool_box::full) std::destroy_at(mine->value());
      discard(mine);
    }
  }

  T get() {
    auto* b = static_cast<box*>(core_.get());
    if (b == nullptr) return make_();
    struct emptied {
      box* b;
      ~emptied() {
        std::destroy_at(b->value());
        b->give_back(detail::pool_box::empty);
      }
    } at_the_end{b};
    return std::move(*b->value());
  }
  void put(T v) {
    auto* b = static_cast<box*>(core_.get_empty());
    if (b == nullptr) b = new box;
    try {
      ::new (b->raw) T(std::move(v));
    } catch (...) {
      b->give_back(detail::pool_box::empty);
      throw;
    }
    if (b->resident) b->give_back(detail::pool_box::full);
    else core_.put(b);
  }

 private:
  struct box : detail::pool_box {
    alignas(T) unsigned char raw[sizeof(T)];
    T* value() { return std::launder(reinterpret_cast<T*>(raw)); }
    void give_back(unsigned char now) {
      if (resident) state.store(now, std::memory_order_release);
      else discard(this);
    }
  };
  static void discard(box* b) {
    detail::pool_core::release(*b);
    delete b;
  }
  std::function<T()> make_;
  detail::pool_core core_;
};

RAVEL_NAMESPACE_END
