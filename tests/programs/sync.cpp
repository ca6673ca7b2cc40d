// mutex, rw_mutex, cond, once, pool: what they order, and what they do not.

#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "program.hpp"

using namespace ravel;
using programs::together;
using programs::until;
using programs::use;

RAVEL_PROGRAM(race_mutex2) {
  mutex m1, m2;
  std::int8_t x = 0;
  together(
      [&] {
        const std::lock_guard hold(m1);
        x = 1;  // races
      },
      [&] {
        m2.lock();
        x = 2;  // races
        m2.unlock();
      });
}

RAVEL_PROGRAM(norace_mutex_pure_happens_before) {
  mutex m;
  std::int16_t x = 0;
  bool written = false;
  together(
      [&] {
        x = 1;
        const std::lock_guard hold(m);
        written = true;
      },
      [&] {
        until([&] {
          const std::lock_guard hold(m);
          return written;
        });
        x = 1;
      });
}

// Unlocked by another goroutine than the one that locked.
RAVEL_PROGRAM(norace_mutex_semaphore) {
  mutex m;
  int x = 0;
  m.lock();
  together(
      [&] {
        x = 1;
        m.unlock();
      },
      [&] {
        m.lock();
        x = 2;
        m.unlock();
      });
}

RAVEL_PROGRAM(norace_mutex_example_from_html) {
  mutex m;
  std::string a;
  m.lock();
  go([&] {
    a = "hello, world";
    m.unlock();
  });
  m.lock();
  use(a.size());
}

RAVEL_PROGRAM(race_mutex_failed_try_lock) {
  mutex m;
  int x = 0;
  auto locked = make_chan<unit>(1), tried = make_chan<unit>(1);
  together(
      [&] {
        m.lock();
        locked.close();
        tried.recv();
        m.unlock();
        x = 1;  // races
      },
      [&] {
        locked.recv();
        use(m.try_lock());
        tried << unit{};
        x = 2;  // races
      });
}

RAVEL_PROGRAM(norace_mutex_try_lock) {
  mutex m;
  int x = 0;
  auto add = [&] {
    until([&] { return m.try_lock(); });
    ++x;
    m.unlock();
  };
  together(add, add, add);
}

// A mutex that is made anew while another uses it.
RAVEL_PROGRAM(race_mutex_overwrite) {
  mutex m;
  together([&] { new (&m) mutex; },  // races
           [&] { m.lock(); });       // races
}

RAVEL_PROGRAM(race_std_mutex_overwrite) {
  std::mutex m;
  together([&] { new (&m) std::mutex; },  // races
           [&] { m.lock(); });            // races
}

RAVEL_PROGRAM(race_as_func3) {
  mutex m;
  int x = 0;
  std::atomic<bool> written{false};  // relaxed: it orders nothing, but the reader comes second
  together(
      [&] {
        while (!written.load(std::memory_order_relaxed)) yield();
        [&m](int v) {
          m.lock();
          use(v);
        }(x);  // races
        m.unlock();
      },
      [&] {
        {
          const std::lock_guard hold(m);
          x = 42;  // races
        }
        written.store(true, std::memory_order_relaxed);
      });
}

RAVEL_PROGRAM(race_mutex_rw_mutex) {
  mutex m1;
  rw_mutex m2;
  std::int16_t x = 0;
  together(
      [&] {
        const std::lock_guard hold(m1);
        x = 1;  // races
      },
      [&] {
        const std::lock_guard hold(m2);
        x = 2;  // races
      });
}

RAVEL_PROGRAM(norace_rw_mutex) {
  rw_mutex m;
  std::int64_t x = 0, y = 1;
  together(
      [&] {
        const std::lock_guard hold(m);
        x = 2;
      },
      [&] {
        const std::shared_lock hold(m);
        y = x;
      });
}

// The writer is ordered after all readers, whichever left last.
RAVEL_PROGRAM(norace_rw_mutex_transitive) {
  rw_mutex m;
  std::int64_t x = 0;
  std::atomic<int> read{0};
  auto reader = [&] {
    {
      const std::shared_lock hold(m);
      use(x);
    }
    read.fetch_add(1, std::memory_order_relaxed);
  };
  together(reader, reader, reader, [&] {
    until([&] { return read.load(std::memory_order_relaxed) == 3; });
    const std::lock_guard hold(m);
    x = 42;
  });
}

RAVEL_PROGRAM(race_rw_mutex_readers_write) {
  rw_mutex m;
  int x = 0;
  auto writes_as_reader = [&] {
    const std::shared_lock hold(m);
    x = 1;  // races
  };
  together(writes_as_reader, writes_as_reader);
}

RAVEL_PROGRAM(race_rw_mutex_reader_then_reader) {
  rw_mutex m;
  int x = 0;
  std::atomic<bool> left{false};
  together(
      [&] {
        x = 1;  // races
        m.lock_shared();
        m.unlock_shared();
        left.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return left.load(std::memory_order_relaxed); });
        m.lock_shared();
        x = 2;  // races
        m.unlock_shared();
      });
}

RAVEL_PROGRAM(norace_cond) {
  mutex m;
  cond c(m);
  int x = 0;
  bool condition = false;
  go([&] {
    x = 1;
    m.lock();
    condition = true;
    c.signal();
    m.unlock();
  });
  m.lock();
  c.wait([&] { return condition; });
  m.unlock();
  x = 2;
}

// Signal alone orders, also without the lock: Go's detector has no such edge and cries wolf.
RAVEL_PROGRAM(norace_cond_signal_without_lock) {
  mutex m;
  cond c(m);
  int x = 0;
  bool waiting = false;
  go([&] {
    until([&] {
      const std::lock_guard hold(m);
      return waiting;
    });
    x = 1;
    c.signal();
  });
  m.lock();
  waiting = true;
  c.wait();
  m.unlock();
  x = 2;
}

RAVEL_PROGRAM(norace_cond_broadcast_without_lock) {
  mutex m;
  cond c(m);
  int x = 0, waiting = 0;
  auto waiter = [&] {
    m.lock();
    ++waiting;
    c.wait();
    m.unlock();
    use(x);
  };
  together(waiter, waiter, waiter, [&] {
    until([&] {
      const std::lock_guard hold(m);
      return waiting == 3;
    });
    x = 1;
    c.broadcast();
  });
}

RAVEL_PROGRAM(race_cond_signal_too_early) {
  mutex m;
  cond c(m);
  int x = 0;
  std::atomic<bool> signalled{false};
  together(
      [&] {
        x = 1;  // races
        c.signal();
        signalled.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return signalled.load(std::memory_order_relaxed); });
        x = 2;  // races
      });
}

RAVEL_PROGRAM(norace_once) {
  once o;
  int x = 0;
  auto f = [&] {
    o.call([&] { x = 1; });
    use(x);
  };
  together(f, f, f);
}

RAVEL_PROGRAM(norace_once_that_throws) {
  once o;
  int x = 0;
  auto f = [&] {
    try {
      o.call([&] {
        x = 1;
        throw std::runtime_error("no");
      });
    } catch (const std::runtime_error&) {
    }
    use(x);
  };
  together(f, f, f);
}

RAVEL_PROGRAM(race_once_after) {
  once o;
  int x = 0;
  auto f = [&] {
    o.call([] {});
    ++x;  // races
  };
  together(f, f);
}

RAVEL_PROGRAM(norace_once_value) {
  auto text = once_value([] { return std::string("computed once, and long enough for the heap"); });
  auto f = [&] { use(text().size()); };
  together(f, f, f);
}

// Ours drops nothing: one turn is enough.
RAVEL_PROGRAM(race_pool) {
  pool<int*> p([] { return new int(0); });
  int* x = p.get();
  *x = 1;
  p.put(x);
  together(
      [&] {
        int* y = p.get();
        *y = 2;  // races
        p.put(y);
      },
      [&] { *x = 3; });  // races
  delete x;
}

RAVEL_PROGRAM(norace_pool) {
  pool<std::unique_ptr<int>> p([] { return std::make_unique<int>(0); });
  auto f = [&] {
    for (int i = 0; i < 100; ++i) {
      auto x = p.get();
      ++*x;
      p.put(std::move(x));
    }
  };
  together(f, f, f);
}

// Go's pools share 128 clocks: an edge through a pool that has nothing to do with it hides this one.
RAVEL_PROGRAM(race_pools_are_unrelated) {
  std::vector<std::unique_ptr<pool<int>>> pools;
  for (int i = 0; i < 512; ++i) pools.push_back(std::make_unique<pool<int>>([] { return 0; }));
  int v = 0;
  std::atomic<bool> written{false};
  for (auto& p : pools) p->put(1);
  together(
      [&] {
        v = 1;  // races
        for (std::size_t i = 0; i < pools.size(); i += 2) pools[i]->put(2);
        written.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return written.load(std::memory_order_relaxed); });
        for (std::size_t i = 1; i < pools.size(); i += 2) use(pools[i]->get());
        v = 2;  // races
      });
}

RAVEL_PROGRAM(race_annotation_of_another_address) {
  int x = 0, a = 0, b = 0;
  std::atomic<bool> written{false};
  together(
      [&] {
        x = 1;  // races
        race::release(&a);
        written.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return written.load(std::memory_order_relaxed); });
        race::acquire(&b);
        x = 2;  // races
      });
}

RAVEL_PROGRAM(norace_annotations) {
  int x = 0, a = 0;
  std::atomic<bool> written{false};
  together(
      [&] {
        x = 1;
        race::release(&a);
        written.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return written.load(std::memory_order_relaxed); });
        race::acquire(&a);
        x = 2;
      });
}

RAVEL_PROGRAM(norace_ignore_scope) {
  int x = 0;
  auto f = [&] {
    const race::ignore_scope ignored;
    x = 1;
  };
  together(f, f);
}

RAVEL_PROGRAM(deadlock_mutex_locked_twice) {
  mutex m;
  m.lock();
  m.lock();
}

RAVEL_PROGRAM(deadlock_lock_order) {
  mutex a, b;
  std::atomic<int> holding{0};
  auto both = [&](mutex& first, mutex& second) {
    const std::lock_guard hold(first);
    ++holding;
    until([&] { return holding == 2; });
    second.lock();
  };
  together([&] { both(a, b); }, [&] { both(b, a); });
}

RAVEL_PROGRAM(deadlock_cond_without_signal) {
  mutex m;
  cond c(m);
  m.lock();
  c.wait();
}
