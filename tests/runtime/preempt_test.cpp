// Goroutines that never call the runtime: compiled with safepoints, on any number of processors.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <ravel/ravel.hpp>
#include <shared_mutex>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>

namespace {

using namespace std::chrono_literals;

std::atomic<bool> stop{false};

// As many as processors and one more, so that each processor has one that would never let go.
void keep_all_busy(ravel::wait_group& wg, void (*work)()) {
  stop = false;
  for (int k = 0; k <= ravel::gomaxprocs(); ++k) wg.go(work);
}

TEST(preemption, a_tight_loop_does_not_starve_a_ticker) {
  ravel::wait_group wg;
  keep_all_busy(wg, [] { for (volatile long x = 0; !stop.load(std::memory_order_relaxed); x = x + 1) {} });
  ravel::ticker t(1ms);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(t.c().recv().has_value());
  stop = true;
  wg.wait();
}

[[gnu::noinline]] bool search(int depth) {
  if (stop.load(std::memory_order_relaxed)) return true;
  return depth < 2000 && (search(depth + 1) || search(depth + 1));
}

TEST(preemption, recursion_does_not_starve_a_sleeper) {
  ravel::wait_group wg;
  keep_all_busy(wg, [] { search(0); });
  for (int i = 0; i < 10; ++i) ravel::sleep_for(1ms);
  stop = true;
  wg.wait();
}

TEST(preemption, a_long_run_of_a_counted_loop_can_be_left) {
  ravel::wait_group wg;
  static std::atomic<bool> wrong{false};
  keep_all_busy(wg, [] {
    const std::vector<unsigned> v(1 << 14, 3);
    while (!stop.load(std::memory_order_relaxed)) {
      unsigned sum = 0;
      for (const unsigned x : v) sum += x * x;
      if (sum != 9u << 14) wrong = true;
    }
  });
  for (int i = 0; i < 10; ++i) ravel::sleep_for(1ms);
  stop = true;
  wg.wait();
  EXPECT_FALSE(wrong);
}

// Values that live in registers, vectors among them, over thousands of preemptions and moves between threads.
TEST(preemption, keeps_every_register) {
  ravel::wait_group wg;
  static std::atomic<int> wrong{0};
  keep_all_busy(wg, [] {
    using eight = float __attribute__((vector_size(32)));
    const float id = static_cast<float>(ravel::this_goroutine_id());
    eight a = {id, id + 1, id + 2, id + 3, id + 4, id + 5, id + 6, id + 7}, b = -a;
    long i = 1, j = -1;
    double d = id;
    while (!stop.load(std::memory_order_relaxed)) {
      a += 1.0f; b -= 1.0f; d += 1.0; ++i; --j;
      if (i == 1'000'000) {
        a -= 999'999.0f; b += 999'999.0f; d -= 999'999.0; i -= 999'999; j += 999'999;
      }
    }
    for (int k = 0; k < 8; ++k) {
      const float expected = id + static_cast<float>(k) + static_cast<float>(i - 1);
      wrong += a[k] != expected;
      wrong += b[k] != -expected;
    }
    wrong += d != id + static_cast<double>(i - 1);
    wrong += i != -j;
  });
  for (int i = 0; i < 30; ++i) ravel::sleep_for(1ms);
  stop = true;
  wg.wait();
  EXPECT_EQ(wrong, 0);
}

TEST(preemption, a_loop_behind_a_hand_off_is_taken_over) {
  // The one made ready waits in `next` behind one that computes: with an idle processor, or at the end of the slice, it runs.
  auto c = ravel::make_chan<int>();
  stop = false;
  ravel::wait_group wg;
  wg.go([&] {
    c.recv();
    stop = true;
  });
  ravel::yield();
  c << 1;
  for (volatile long x = 0; !stop.load(std::memory_order_relaxed); x = x + 1) {}
  wg.wait();
}

TEST(preemption, in_the_hold_of_a_std_mutex_does_not_hang_the_others) {
  static std::mutex m;
  static long sum = 0;
  ravel::wait_group wg;
  stop = false;
  for (int k = 0; k < 4; ++k) {
    wg.go([] {
      for (int i = 0; i < 3; ++i) {
        const std::lock_guard hold(m);
        for (volatile long x = 0; x < 40'000'000; x = x + 1) {}  // more than a slice
        ++sum;
      }
    });
  }
  wg.wait();
  EXPECT_EQ(sum, 12);
}

// Long enough for a request to yield, whatever the machine.
void compute_for_some_slices() {
  for (volatile long x = 0; x < 60'000'000; x = x + 1) {}
}

// `body` runs in more goroutines than there are processors, beside others that never let go: whoever can be preempted will be.
template <class Body>
void crowd(Body body) {
  ravel::wait_group busy, wg;
  keep_all_busy(busy, [] { for (volatile long x = 0; !stop.load(std::memory_order_relaxed); x = x + 1) {} });
  for (int k = 0; k < 4; ++k) wg.go(body);
  wg.wait();
  stop = true;
  busy.wait();
}

TEST(preemption, leaves_a_recursive_mutex_with_one_goroutine) {
  static std::recursive_mutex m;
  static std::atomic<int> inside{0}, wrong{0};
  crowd([] {
    const std::lock_guard hold(m), again(m);
    wrong += inside++ != 0;
    compute_for_some_slices();
    wrong += --inside != 0;
  });
  EXPECT_EQ(wrong, 0);
}

TEST(preemption, leaves_the_owner_of_a_shared_mutex_on_its_thread) {
  static std::shared_mutex m;
  static std::atomic<int> failed{0};
  crowd([] {
    try {
      const std::unique_lock hold(m);  // the C library compares the owner with the thread
      compute_for_some_slices();
    } catch (const std::system_error&) {
      ++failed;
    }
  });
  EXPECT_EQ(failed, 0);
}

// The goroutine that said so last, of those on the calling thread.
thread_local volatile std::uint64_t holder = 0;
[[gnu::noinline]] void hold_thread() { holder = ravel::this_goroutine_id(); }
[[gnu::noinline]] bool holds_thread() { return holder == ravel::this_goroutine_id(); }

// False if another goroutine ran on the thread meanwhile, or this one is on another thread now.
bool computes_undisturbed() {
  hold_thread();
  compute_for_some_slices();
  return holds_thread();
}

TEST(preemption, does_not_happen_in_a_callback_of_a_library) {
  static std::atomic<int> disturbed{0};
  crowd([] {
    std::once_flag once;
    std::call_once(once, [] { disturbed += !computes_undisturbed(); });
    int two[] = {2, 1};
    std::qsort(two, 2, sizeof(int), [](const void* a, const void* b) {
      disturbed += !computes_undisturbed();
      return *static_cast<const int*>(a) - *static_cast<const int*>(b);
    });
  });
  EXPECT_EQ(disturbed, 0);
}

TEST(preemption, comes_when_the_last_lock_is_given_back) {
  static std::mutex m[2];
  ravel::wait_group wg;
  keep_all_busy(wg, [] {
    while (!stop.load(std::memory_order_relaxed)) {
      const std::lock_guard first(m[0]);
      if (!m[1].try_lock()) continue;
      for (volatile long x = 0; x < 3'000'000; x = x + 1) {}
      m[1].unlock();
    }
  });
  ravel::ticker t(1ms);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(t.c().recv().has_value());
  stop = true;
  wg.wait();
}

std::atomic<int> handled{0};
std::uint64_t handler_saw = 0;

TEST(preemption, does_not_happen_in_a_signal_handler) {
  struct sigaction action {};
  action.sa_handler = [](int) {
    const std::uint64_t me = ravel::this_goroutine_id();
    for (volatile long x = 0; x < 30'000'000; x = x + 1) {}
    handler_saw += me == ravel::this_goroutine_id();
    ++handled;
  };
  ::sigaction(SIGUSR1, &action, nullptr);
  ravel::wait_group wg;
  keep_all_busy(wg, [] { for (volatile long x = 0; !stop.load(std::memory_order_relaxed); x = x + 1) {} });
  for (int i = 0; i < 3; ++i) {
    ::raise(SIGUSR1);
    ravel::yield();
  }
  stop = true;
  wg.wait();
  EXPECT_EQ(handled, 3);
  EXPECT_EQ(handler_saw, 3u);
}

// The runtime's strings may be this file's instances, which have safepoints: a yield there left all others waiting for the end of the dump.
TEST(preemption, does_not_happen_while_goroutines_are_listed) {
  const auto released = ravel::make_chan<ravel::unit>();
  ravel::wait_group all;
  for (int i = 0; i < 50; ++i) all.go([=] { released.recv(); });
  std::string text;
  for (int dumps = 0; dumps < 5 || text.find("[chan receive]") == text.npos; ++dumps) {
    std::ostringstream out;
    ravel::dump_goroutines(out);
    text = out.str();
    text.replace(0, 1, std::string(1, text[0]));
    ravel::yield();
  }
  released.close();
  all.wait();
  EXPECT_EQ(text.find("goroutine 1 [running]"), 0u) << text;
}

}  // namespace
