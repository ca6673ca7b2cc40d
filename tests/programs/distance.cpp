// Races whose first access is long past, or seen by many: ThreadSanitizer and Go's detector lose these (detection without eviction and
// without a history that runs out). Each parameter is well above the one from which they are silent.

#include <atomic>
#include <vector>

#include "program.hpp"

using namespace ravel;
using programs::keep;
using programs::together;
using programs::until;
using programs::use;

// 1,000,000 later writes of the writer: lost by ThreadSanitizer from about 97,500, by Go from about 48,700.
RAVEL_PROGRAM(race_after_a_million_accesses) {
  int x = 0;
  std::atomic<bool> written{false};
  std::vector<int> other(1024);
  together(
      [&] {
        x = 1;  // races
        for (int i = 0; i < 1'000'000; ++i) {
          other[i & 1023] = i;
          keep(other[0]);
        }
        written.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return written.load(std::memory_order_relaxed); });
        use(x);  // races
      });
}

// 50,000 later pairs on a private lock: lost from about 7,500 and 3,700.
RAVEL_PROGRAM(race_after_many_lock_pairs) {
  int x = 0;
  std::atomic<bool> written{false};
  together(
      [&] {
        mutex own;
        x = 1;  // races
        for (int i = 0; i < 50'000; ++i) {
          own.lock();
          own.unlock();
        }
        written.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return written.load(std::memory_order_relaxed); });
        use(x);  // races
      });
}

// 50,000 pairs of send and receive: lost by Go from about 9,700.
RAVEL_PROGRAM(race_after_many_channel_pairs) {
  int x = 0;
  std::atomic<bool> written{false};
  together(
      [&] {
        auto own = make_chan<int>(1);
        x = 1;  // races
        for (int i = 0; i < 50'000; ++i) {
          own << i;
          own.recv();
        }
        written.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return written.load(std::memory_order_relaxed); });
        use(x);  // races
      });
}

// The writer lives on while 2,000 other goroutines come and go: lost from about 260 and 300.
RAVEL_PROGRAM(race_after_many_goroutines) {
  int x = 0;
  auto leave = make_chan<unit>(), over = make_chan<unit>();
  std::atomic<bool> written{false};
  go([&] {
    x = 1;  // races
    written.store(true, std::memory_order_relaxed);
    leave.recv();
    over << unit{};
  });
  until([&] { return written.load(std::memory_order_relaxed); });
  for (int i = 0; i < 2000; ++i) together([] {});
  use(x);  // races
  leave << unit{};
  over.recv();
}

// 300 ordered readers after one that is not: lost from 4.
RAVEL_PROGRAM(race_after_many_readers) {
  int x = 0;
  std::atomic<bool> read{false};
  auto over = make_chan<unit>();
  go([&] {
    use(x);  // races
    read.store(true, std::memory_order_relaxed);
    over.recv();
  });
  until([&] { return read.load(std::memory_order_relaxed); });
  for (int i = 0; i < 300; ++i) together([&] { use(x); });
  x = 1;  // races
  over << unit{};
}

// An indexed store to a local array that others can see: clang's ThreadSanitizer pass does not instrument it.
RAVEL_PROGRAM(race_indexed_store_to_escaped_array) {
  std::atomic<int*> shared{nullptr};
  std::atomic<bool> written{false};
  together(
      [&] {
        int local[10] = {};
        volatile int index = 7;
        shared.store(local, std::memory_order_release);
        local[index] = 1;  // races
        written.store(true, std::memory_order_relaxed);
        until([&] { return shared.load(std::memory_order_relaxed) == nullptr; });
        keep(local);
      },
      [&] {
        until([&] { return written.load(std::memory_order_relaxed); });
        use(shared.load(std::memory_order_acquire)[7]);  // races
        shared.store(nullptr, std::memory_order_relaxed);
      });
}

RAVEL_PROGRAM(norace_many_goroutines) {
  int x = 0;
  for (int i = 0; i < 3000; ++i) together([&] { ++x; });
  use(x);
}

RAVEL_PROGRAM(norace_forty_thousand_increments_under_a_channel_lock) {
  int x = 0;
  auto lock = make_chan<unit>(1);
  auto add = [&] {
    for (int i = 0; i < 10'000; ++i) {
      lock << unit{};
      ++x;
      lock.recv();
    }
  };
  together(add, add, add, add);
}
