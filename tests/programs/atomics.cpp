// std::atomic: what each memory order gives, and what it does not; fences, release sequences, and atomics that meet plain accesses.

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>

#include "program.hpp"

using namespace ravel;
using programs::keep;
using programs::together;
using programs::until;
using programs::use;

RAVEL_PROGRAM(norace_atomic_add_int64) {
  std::atomic<std::int64_t> s{0};
  std::int64_t x1 = 0, x2 = 0;
  auto add = [&] {
    if (s.fetch_add(1) == 0) x1 = 1;
    else x2 = 1;
  };
  together(add, add);
  keep(x1);
  keep(x2);
}

RAVEL_PROGRAM(race_atomic_add_int64) {
  std::atomic<std::int64_t> s{0};
  int x1 = 0, x2 = 0;
  together(
      [&] {
        x1 = 1;           // races
        s.fetch_add(1);
        x2 = 1;           // races
      },
      [&] {
        x2 = 1;           // races
        s.fetch_add(1);
        x1 = 1;           // races
      });
}

RAVEL_PROGRAM(norace_atomic_add_int32) {
  std::atomic<std::int32_t> s{0};
  std::int32_t x = 0;
  together(
      [&] {
        x = 2;
        s.fetch_add(1);
      },
      [&] {
        until([&] { return s.fetch_add(0) != 0; });
        x = 1;
      });
}

RAVEL_PROGRAM(norace_atomic_load_add_int32) {
  std::atomic<std::int32_t> s{0};
  int x = 0;
  together(
      [&] {
        x = 2;
        s.fetch_add(1);
      },
      [&] {
        until([&] { return s.load() == 1; });
        x = 1;
      });
}

RAVEL_PROGRAM(norace_atomic_load_store_int32) {
  std::atomic<std::int32_t> s{0};
  int x = 0;
  together(
      [&] {
        x = 2;
        s.store(1);
      },
      [&] {
        until([&] { return s.load() == 1; });
        x = 1;
      });
}

RAVEL_PROGRAM(norace_atomic_load_int64) {
  std::atomic<std::int64_t> s{0};
  auto load = [&] { use(s.load()); };
  together(load, load, [&] { s.store(5); });
}

RAVEL_PROGRAM(norace_atomic_cas_cas_uint64) {
  std::atomic<std::uint64_t> s{0};
  int x = 0;
  together(
      [&] {
        x = 2;
        std::uint64_t zero = 0;
        s.compare_exchange_strong(zero, 1);
      },
      [&] {
        until([&] {
          std::uint64_t one = 1;
          return s.compare_exchange_strong(one, 0);
        });
        x = 1;
      });
}

RAVEL_PROGRAM(norace_atomic_load_store_pointer) {
  std::atomic<int*> s{nullptr};
  int x = 0, y = 2;
  together(
      [&] {
        x = 2;
        s.store(&y);
      },
      [&] {
        until([&] { return s.load() == &y; });
        x = 1;
      });
}

RAVEL_PROGRAM(norace_atomic_store_cas_uint64) {
  std::atomic<std::uint64_t> s{0};
  int x = 0;
  together(
      [&] {
        x = 2;
        s.store(1);
      },
      [&] {
        until([&] {
          std::uint64_t one = 1;
          return s.compare_exchange_strong(one, 0);
        });
        x = 1;
      });
}

RAVEL_PROGRAM(race_atomic_add_store) {
  std::uint64_t a = 0;
  together([&] { std::atomic_ref(a).fetch_add(1); },  // races
           [&] { a = 42; });                          // races
}

RAVEL_PROGRAM(race_atomic_load_plain_store) {
  int a = 0;
  together([&] { use(std::atomic_ref(a).load()); },  // races
           [&] { a = 42; });                         // races
}

RAVEL_PROGRAM(norace_atomic_load_plain_load) {
  int a = 0;
  together([&] { use(std::atomic_ref(a).load()); }, [&] { use(a); });
}

RAVEL_PROGRAM(race_atomic_store_plain_load) {
  int a = 0;
  together([&] { std::atomic_ref(a).store(1, std::memory_order_relaxed); },  // races
           [&] { use(a); });                                                 // races
}

RAVEL_PROGRAM(race_atomic_store_plain_load_of_a_part) {
  alignas(8) std::uint64_t a = 0;
  together([&] { std::atomic_ref(a).store(1); },                            // races
           [&] { use(reinterpret_cast<unsigned char*>(&a)[7]); });  // races
}

RAVEL_PROGRAM(norace_atomic_store_beside_plain) {
  struct {
    std::atomic<char> flag{0};
    char data = 0;
  } s;
  together([&] { s.flag.store(1); }, [&] { s.data = 1; });
}

RAVEL_PROGRAM(norace_release_acquire) {
  std::atomic<bool> ready{false};
  int x = 0;
  together(
      [&] {
        x = 1;
        ready.store(true, std::memory_order_release);
      },
      [&] {
        until([&] { return ready.load(std::memory_order_acquire); });
        x = 2;
      });
}

RAVEL_PROGRAM(race_relaxed_store) {
  std::atomic<bool> ready{false};
  int x = 0;
  together(
      [&] {
        x = 1;  // races
        ready.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return ready.load(std::memory_order_acquire); });
        x = 2;  // races
      });
}

RAVEL_PROGRAM(race_relaxed_load) {
  std::atomic<bool> ready{false};
  int x = 0;
  together(
      [&] {
        x = 1;  // races
        ready.store(true, std::memory_order_release);
      },
      [&] {
        until([&] { return ready.load(std::memory_order_relaxed); });
        x = 2;  // races
      });
}

RAVEL_PROGRAM(race_relaxed_read_modify_write) {
  std::atomic<int> n{0};
  int x = 0;
  together(
      [&] {
        x = 1;  // races
        n.fetch_add(1, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return n.fetch_add(0, std::memory_order_relaxed) == 1; });
        x = 2;  // races
      });
}

RAVEL_PROGRAM(norace_fences) {
  std::atomic<bool> ready{false};
  int x = 0;
  together(
      [&] {
        x = 1;
        std::atomic_thread_fence(std::memory_order_release);
        ready.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return ready.load(std::memory_order_relaxed); });
        std::atomic_thread_fence(std::memory_order_acquire);
        x = 2;
      });
}

RAVEL_PROGRAM(race_fence_after_store) {
  std::atomic<bool> ready{false};
  int x = 0;
  together(
      [&] {
        x = 1;  // races
        ready.store(true, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release);
      },
      [&] {
        until([&] { return ready.load(std::memory_order_relaxed); });
        std::atomic_thread_fence(std::memory_order_acquire);
        x = 2;  // races
      });
}

RAVEL_PROGRAM(race_write_after_release_fence) {
  std::atomic<bool> ready{false};
  int x = 0;
  together(
      [&] {
        std::atomic_thread_fence(std::memory_order_release);
        x = 1;  // races
        ready.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return ready.load(std::memory_order_acquire); });
        x = 2;  // races
      });
}

// A read-modify-write by another goroutine continues the release sequence, whatever its order.
RAVEL_PROGRAM(norace_release_sequence) {
  std::atomic<int> n{0};
  int x = 0;
  together(
      [&] {
        x = 1;
        n.store(1, std::memory_order_release);
      },
      [&] {
        until([&] {
          int one = 1;
          return n.compare_exchange_strong(one, 2, std::memory_order_relaxed);
        });
      },
      [&] {
        until([&] { return n.load(std::memory_order_acquire) == 2; });
        x = 2;
      });
}

// A plain store by another goroutine ends it.
RAVEL_PROGRAM(race_release_sequence_broken) {
  std::atomic<int> n{0};
  int x = 0;
  together(
      [&] {
        x = 1;  // races
        n.store(1, std::memory_order_release);
      },
      [&] {
        until([&] { return n.load(std::memory_order_relaxed) == 1; });
        n.store(2, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return n.load(std::memory_order_relaxed) == 2; });
        use(n.load(std::memory_order_acquire));
        x = 2;  // races
      });
}

RAVEL_PROGRAM(norace_failed_compare_exchange_acquires) {
  std::atomic<int> n{0};
  int x = 0;
  together(
      [&] {
        x = 1;
        n.store(1, std::memory_order_release);
      },
      [&] {
        until([&] {
          int expected = 5;
          return !n.compare_exchange_strong(expected, 6, std::memory_order_relaxed, std::memory_order_acquire) && expected == 1;
        });
        x = 2;
      });
}

RAVEL_PROGRAM(race_failed_compare_exchange_relaxed) {
  std::atomic<int> n{0};
  int x = 0;
  together(
      [&] {
        x = 1;  // races
        n.store(1, std::memory_order_release);
      },
      [&] {
        until([&] {
          int expected = 5;
          return !n.compare_exchange_strong(expected, 6, std::memory_order_acq_rel, std::memory_order_relaxed) && expected == 1;
        });
        x = 2;  // races
      });
}

// One that fails is a load, whatever it would have written; one that succeeds is a write.
RAVEL_PROGRAM(norace_failed_compare_exchange_against_a_plain_read) {
  std::atomic<int> n{1};
  together(
      [&] {
        int expected = 5;
        use(n.compare_exchange_strong(expected, 6));
      },
      [&] { use(reinterpret_cast<int&>(n)); });
}

RAVEL_PROGRAM(race_compare_exchange_against_a_plain_read) {
  std::atomic<int> n{5};
  together(
      [&] {
        int expected = 5;
        use(n.compare_exchange_strong(expected, 6));  // races
      },
      [&] { use(reinterpret_cast<int&>(n)); });  // races
}

RAVEL_PROGRAM(race_failed_compare_exchange_against_a_plain_write) {
  std::atomic<int> n{1};
  together(
      [&] {
        int expected = 5;
        use(n.compare_exchange_strong(expected, 6));  // races
      },
      [&] { reinterpret_cast<int&>(n) = 2; });  // races
}

RAVEL_PROGRAM(norace_spin_lock) {
  std::atomic_flag busy;
  int x = 0;
  auto add = [&] {
    for (int i = 0; i < 20; ++i) {
      until([&] { return !busy.test_and_set(std::memory_order_acquire); });
      ++x;
      busy.clear(std::memory_order_release);
    }
  };
  together(add, add, add);
}

RAVEL_PROGRAM(norace_reference_count) {
  struct counted {
    std::atomic<int> references{3};
    int data = 0;
  };
  auto* c = new counted;
  auto drop = [=] {
    use(c->data);
    if (c->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      c->data = 1;
      delete c;
    }
  };
  together(drop, drop, drop);
}

RAVEL_PROGRAM(race_reference_count_relaxed) {
  struct counted {
    std::atomic<int> references{2};
    int data = 0;
  };
  auto* c = new counted;
  together(
      [=] {
        c->data = 1;                                                              // races
        if (c->references.fetch_sub(1, std::memory_order_relaxed) == 1) delete c;  // races
      },
      [=] {
        c->data = 2;                                                              // races
        if (c->references.fetch_sub(1, std::memory_order_relaxed) == 1) delete c;  // races
      });
}

RAVEL_PROGRAM(race_free_of_an_atomic) {
  auto* a = new std::atomic<int>(0);
  std::atomic<bool> stored{false};
  together(
      [&] {
        a->store(1);  // races
        stored.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return stored.load(std::memory_order_relaxed); });
        delete a;  // races
      });
}

RAVEL_PROGRAM(norace_atomic_shared_ptr) {
  std::atomic<std::shared_ptr<int>> p{std::make_shared<int>(0)};
  std::atomic<bool> loaded{false};
  together(
      [&] {
        use(*p.load());
        loaded.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return loaded.load(std::memory_order_relaxed); });
        p.store(std::make_shared<int>(1));
      });
}
