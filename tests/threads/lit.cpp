// What ThreadSanitizer's own tests ask and no other room here does (thread_sanitizer_suite.txt).

#include <pthread.h>
#include <ravel/ravel.hpp>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "program.hpp"

using threads_suite::shared_int;
using threads_suite::unseen_order;

namespace {

// First in one thread, then in another, unordered.
template <class First, class Second>
void one_after_the_other(First first, Second second) {
  unseen_order order;
  std::thread t([&] {
    first();
    order.reach(1);
  });
  order.wait_for(1);
  second();
  t.join();
}

struct pair_of_bytes {
  char first, second;
};
pair_of_bytes bytes;
char text[64];

}  // namespace

// Seen from outside, so that the stores stay.
struct item_of_several {
  int filler[7];
  std::int64_t value;
} items_of_several[4];

// Both fit into one load of two bytes, which the optimiser must not make of them before the check.
RAVEL_PROGRAM(norace_bytes_read_beside_a_written_one) {
  volatile char seen = 0;
  one_after_the_other([] { bytes.second = 1; }, [&] { seen = bytes.first; });
}
RAVEL_PROGRAM(race_one_of_two_bytes_read_together) {
  one_after_the_other([] { bytes.second = 1; }, [] { shared_int = bytes.first + bytes.second; });
}

// The value is known from the read before; the access is not made twice, but once it is.
RAVEL_PROGRAM(race_read_whose_value_is_known) {
  one_after_the_other([] { text[5] = 'a'; },
                      [] {
                        if (text[5] == 'a' && text[5] != 'b') shared_int = 1;
                      });
}

RAVEL_PROGRAM(race_at_an_offset_of_a_member) {
  one_after_the_other([] { items_of_several[2].value = 1; }, [] { std::memset(&items_of_several[2], 0, sizeof items_of_several[2]); });
}

RAVEL_PROGRAM(race_at_the_end_of_a_large_mapping) {
  constexpr std::size_t size = std::size_t{16} << 30;
  void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(p != MAP_FAILED);
  int* const last = static_cast<int*>(p) + size / sizeof(int) - 1;
  one_after_the_other([&] { *last = 1; }, [&] { *last = 2; });
}
RAVEL_PROGRAM(norace_a_mapping_used_again) {
  for (int i = 0; i < 20; ++i) {
    void* p = mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(p != MAP_FAILED);
    one_after_the_other([&] { static_cast<int*>(p)[i] = 1; }, [] {});
    std::thread([&] { munmap(p, 1 << 20); }).join();
  }
}

RAVEL_PROGRAM(race_free_against_a_read) {
  auto* p = static_cast<int*>(std::calloc(100, sizeof(int)));
  unseen_order order;
  std::thread t([&] {
    shared_int = p[50];
    order.reach(1);
  });
  order.wait_for(1);
  std::free(p);
  t.join();
}
RAVEL_PROGRAM(race_destructor_against_a_read) {
  auto v = std::make_unique<std::vector<int>>(10);
  one_after_the_other([&] { shared_int = (*v)[3]; }, [&] { v.reset(); });
}

RAVEL_PROGRAM(norace_condition_destroyed_by_who_was_woken) {
  struct rendezvous {
    std::mutex m;
    std::condition_variable c;
    bool there = false;
  };
  for (int i = 0; i < 20; ++i) {
    auto* r = new rendezvous;
    std::thread t([r] {
      const std::lock_guard hold(r->m);
      r->there = true;
      r->c.notify_one();
    });
    {
      std::unique_lock hold(r->m);
      r->c.wait(hold, [&] { return r->there; });
    }
    t.join();
    delete r;
  }
}
RAVEL_PROGRAM(norace_pthread_once) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  static int made = 0;
  std::thread threads[3];
  for (auto& t : threads) {
    t = std::thread([] {
      pthread_once(&once, [] { made = 7; });
      REQUIRE(made == 7);
    });
  }
  for (auto& t : threads) t.join();
}
RAVEL_PROGRAM(race_barrier_destroyed_in_use) {
  static pthread_barrier_t b;
  pthread_barrier_init(&b, nullptr, 1);
  one_after_the_other([] { pthread_barrier_wait(&b); }, [] { pthread_barrier_destroy(&b); });
}

RAVEL_PROGRAM(norace_longjmp_over_many_frames) {
  struct deep {
    static void down(int n, jmp_buf& back) {  // NOLINT(misc-no-recursion)
      volatile int here = n;
      if (n == 0) longjmp(back, 1);
      down(n - 1, back);
      here = here + 1;
    }
  };
  std::thread t([] {
    for (volatile int i = 0; i < 50; i = i + 1) {
      jmp_buf back;
      if (setjmp(back) == 0) deep::down(40, back);
    }
  });
  t.join();
  int x = 0;
  std::thread([&] { ++x; }).join();
  REQUIRE(x == 1);
}
RAVEL_PROGRAM(race_after_longjmp) {
  one_after_the_other([] { shared_int = 1; },
                      [] {
                        static jmp_buf back;
                        if (setjmp(back) == 0) [] { longjmp(back, 1); }();
                        shared_int = 2;
                      });
}

RAVEL_PROGRAM(norace_at_exit) {
  static int written = 0;
  std::atexit([] { REQUIRE(written == 1); });
  std::thread([] { written = 1; }).join();
}
RAVEL_PROGRAM(race_at_exit) {
  static unseen_order order;
  std::thread([] {
    shared_int = 1;
    order.reach(1);
    order.wait_for(2);
  }).detach();
  order.wait_for(1);
  std::atexit([] { shared_int = 2; });
  std::exit(0);  // when main returns, what is left running is no business of the handlers': they are not checked then
}

RAVEL_PROGRAM(norace_locks_taken_around_fork) {
  static std::mutex m;
  static int guarded = 0;
  pthread_atfork([] { m.lock(); }, [] { m.unlock(); }, [] { m.unlock(); });
  std::thread t([] {
    for (int i = 0; i < 100; ++i) {
      const std::lock_guard hold(m);
      ++guarded;
    }
  });
  for (int i = 0; i < 3; ++i) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const std::lock_guard hold(m);
      _exit(guarded >= 0 ? 0 : 1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child && status == 0);
  }
  t.join();
}

RAVEL_PROGRAM(race_between_many_held_locks) {
  std::vector<std::mutex> locks(40);
  int x = 0;
  one_after_the_other(
      [&] {
        for (auto& m : locks) m.lock();
        x = 1;
        for (auto& m : locks) m.unlock();
      },
      [&] { x = 2; });
}

RAVEL_PROGRAM(race_with_a_thread_that_was_detached) {
  static unseen_order order;
  pthread_t t;
  REQUIRE(pthread_create(&t, nullptr,
                         [](void*) -> void* {
                           shared_int = 1;
                           order.reach(1);
                           return nullptr;
                         },
                         nullptr) == 0);
  pthread_detach(t);
  order.wait_for(1);
  shared_int = 2;
}
