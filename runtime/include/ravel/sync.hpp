#pragma once
// Package sync. All block the goroutine, never the OS thread. None may be copied or moved while in use.

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "detail/wait_list.hpp"
#include "go.hpp"

RAVEL_NAMESPACE_BEGIN

// What cond needs of a lock.
class lockable {
 public:
  virtual void lock() = 0;
  virtual void unlock() = 0;

 protected:
  lockable() = default;
  ~lockable() = default;
};

// sync.Mutex. Any goroutine may unlock it. unlock of an unlocked mutex is fatal, as in Go. Unlock happens before the next lock.
class mutex : public lockable {
 public:
  mutex() = default;
  ~mutex();
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;

  void lock() override;
  void unlock() override;
  bool try_lock();  // never blocks; a failed one orders nothing

 private:
  detail::short_lock guard_;
  bool locked_ = false;
  detail::wait_list waiters_;
  detail::clock_storage clock_;
};

// sync.RWMutex: many readers or one writer; a waiting writer goes before new readers. Readers do not order each other.
class rw_mutex : public lockable {
 public:
  rw_mutex() = default;
  ~rw_mutex();
  rw_mutex(const rw_mutex&) = delete;
  rw_mutex& operator=(const rw_mutex&) = delete;

  void lock() override;
  void unlock() override;
  bool try_lock();
  void lock_shared();
  void unlock_shared();
  bool try_lock_shared();

 private:
  detail::short_lock guard_;
  bool writing_ = false;
  std::size_t reading_ = 0;
  detail::wait_list waiting_writers_;
  detail::wait_list waiting_readers_;
  detail::clock_storage writers_clock_;
  detail::clock_storage readers_clock_;
};

// sync.WaitGroup. done happens before the wait it unblocks returns. Panics: "sync: negative WaitGroup counter"; "sync: WaitGroup is
// reused before previous Wait has returned".
class wait_group {
 public:
  wait_group() = default;
  ~wait_group();
  wait_group(const wait_group&) = delete;
  wait_group& operator=(const wait_group&) = delete;

  void add(long n = 1);
  void done() { add(-1); }
  void wait();

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

  detail::short_lock guard_;
  long count_ = 0;
  std::size_t waiting_ = 0;   // goroutines woken by the last done that have not returned yet count too
  detail::wait_list waiters_;
  detail::clock_storage clock_;
  alignas(8) unsigned char reuse_marker_[8] = {};
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

  detail::short_lock guard_;
  unsigned char state_ = 0;  // 0 never called, 1 running, 2 done
  detail::wait_list waiters_;
  detail::clock_storage clock_;
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

// The list behind pool<T>: boxes with a clock each.
struct pool_box {
  pool_box* next = nullptr;
  clock_storage clock;
};
class pool_core {
 public:
  pool_core() = default;
  pool_core(const pool_core&) = delete;
  pool_core& operator=(const pool_core&) = delete;
  void put(pool_box* box);
  pool_box* get();                       // null: empty
  static void release(pool_box& box);    // the detector's clock of the box goes

 private:
  short_lock guard_;
  pool_box* first_ = nullptr;
};

}  // namespace detail

// sync.Pool: objects to use again. put of an object happens before the get that returns it; other gets and puts order nothing.
template <class T>
class pool {
 public:
  template <class Factory>
  explicit pool(Factory make) : make_(std::move(make)) {}
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool() {
    while (detail::pool_box* b = core_.get()) discard(b);
  }

  T get() {
    detail::pool_box* b = core_.get();
    if (b == nullptr) return make_();
    T v = std::move(static_cast<box*>(b)->value);
    discard(b);
    return v;
  }
  void put(T v) { core_.put(new box(std::move(v))); }

 private:
  struct box : detail::pool_box {
    T value;
    explicit box(T v) : value(std::move(v)) {}
  };
  static void discard(detail::pool_box* b) {
    detail::pool_core::release(*b);
    delete static_cast<box*>(b);
  }
  std::function<T()> make_;
  detail::pool_core core_;
};

RAVEL_NAMESPACE_END
