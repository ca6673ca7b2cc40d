// Goroutines as such: where they run, what they take along, blocking calls, many of them.

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cfenv>
#include <fstream>
#include <ravel/ravel.hpp>
#include <stdexcept>
#include <thread>

namespace {

using namespace std::chrono_literals;

TEST(go, carries_small_large_and_over_aligned_closures) {
  struct alignas(64) wide { std::array<char, 64> bytes{}; };
  ravel::wait_group wg;
  std::atomic<int> sum{0};
  std::array<char, 5000> large{};
  large[4999] = 3;
  wide w;
  w.bytes[63] = 4;
  wg.add(3);
  ravel::go([&] { sum += 1; wg.done(); });
  ravel::go([&sum, &wg, large] { sum += large[4999]; wg.done(); });
  ravel::go([&sum, &wg](const wide& x) {
    if (reinterpret_cast<std::uintptr_t>(&x) % 64 == 0) sum += x.bytes[63];
    wg.done();
  }, w);
  wg.wait();
  EXPECT_EQ(sum, 8);
}

TEST(go, starts_nothing_when_copying_an_argument_throws) {
  struct refuses {
    refuses() = default;
    refuses(const refuses&) { throw std::runtime_error("no copy"); }
  };
  const int before = ravel::num_goroutine();
  const refuses r;
  for (int i = 0; i < 100; ++i) EXPECT_THROW(ravel::go([](const refuses&) {}, r), std::runtime_error);
  EXPECT_LE(ravel::num_goroutine(), before);  // of earlier tests some may have ended meanwhile
}

TEST(go, destroys_its_closure_once) {
  auto owned = std::make_shared<int>(1);
  ravel::wait_group wg;
  for (int i = 0; i < 100; ++i) wg.go([owned] {});
  wg.wait();
  while (owned.use_count() != 1) ravel::yield();  // done comes before the end
  EXPECT_EQ(owned.use_count(), 1);
}

int depth(int n) {
  volatile char frame[512];
  frame[0] = 1;
  return n == 0 ? 0 : depth(n - 1) + frame[0];
}

TEST(go, stacks_of_chosen_sizes_hold_what_they_should) {
  for (const std::size_t size : {std::size_t{64} << 10, std::size_t{256} << 10, std::size_t{8} << 20}) {
    auto c = ravel::make_chan<int>();
    const int frames = static_cast<int>(size / 1024);
    ravel::go(ravel::go_options{.stack_size = size}, [=] { c << depth(frames); });
    EXPECT_EQ(c.recv(), frames);
  }
}

TEST(goroutine, keeps_its_rounding_mode_across_switches) {
  ravel::wait_group wg;
  std::atomic<int> right{0};
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO, FE_TONEAREST}) {
    wg.go([&right, mode] {
      std::fesetround(mode);
      for (int i = 0; i < 100; ++i) {
        ravel::yield();
        right += std::fegetround() == mode;
      }
    });
  }
  wg.wait();
  EXPECT_EQ(right, 400);
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
}

TEST(goroutine, keeps_its_exceptions_across_switches) {
  ravel::wait_group wg;
  std::atomic<int> right{0};
  for (int id = 0; id < 8; ++id) {
    wg.go([&right, id] {
      for (int i = 0; i < 100; ++i) {
        try {
          throw id;
        } catch (int) {
          ravel::yield();
          try {
            throw;
          } catch (int again) {
            ravel::yield();
            right += again == id;
          }
        }
      }
    });
  }
  wg.wait();
  EXPECT_EQ(right, 800);
}

TEST(blocking, hundred_goroutines_in_read_do_not_stop_the_others) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ravel::wait_group wg;
  std::atomic<int> read{0};
  for (int i = 0; i < 100; ++i) {
    wg.go([&] {
      ravel::blocking([&] {
        char c = 0;
        if (::read(ends[0], &c, 1) == 1) ++read;
      });
    });
  }
  // Others run although there are fewer processors than readers.
  auto c = ravel::make_chan<int>();
  ravel::go([c] { for (int i = 0; i < 1000; ++i) c << i; c.close(); });
  int received = 0;
  for ([[maybe_unused]] int v : c) ++received;
  EXPECT_EQ(received, 1000);
  const std::string bytes(100, 'x');
  ASSERT_EQ(::write(ends[1], bytes.data(), bytes.size()), 100);
  wg.wait();
  EXPECT_EQ(read, 100);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(blocking, may_use_channels_and_throw) {
  auto c = ravel::make_chan<int>();
  ravel::go([c] { c << 7; });
  int got = 0;
  EXPECT_THROW(ravel::blocking([&] {
    got = *c.recv();
    ravel::sleep_for(1ms);
    throw std::runtime_error("inside");
  }), std::runtime_error);
  EXPECT_EQ(got, 7);
  ravel::yield();
}

TEST(gomaxprocs, changes_while_goroutines_run) {
  const int before = ravel::gomaxprocs();
  ravel::wait_group wg;
  std::atomic<long> steps{0};
  for (int k = 0; k < 8; ++k) wg.go([&] { for (int i = 0; i < 2000; ++i) { ravel::yield(); ++steps; } });
  for (int i = 0; i < 200; ++i) {
    ravel::gomaxprocs(1 + i % 5);
    ravel::yield();
  }
  wg.wait();
  EXPECT_EQ(steps, 16000);
  EXPECT_GE(ravel::gomaxprocs(before), 1);
  EXPECT_EQ(ravel::gomaxprocs(), before);
}

long resident_pages() {
  std::ifstream f("/proc/self/statm");
  long size = 0, resident = 0;
  f >> size >> resident;
  return resident;
}

TEST(stacks, memory_of_idle_ones_goes_back) {
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
  GTEST_SKIP() << "the shadow of the stacks is resident too, and stays";
#endif
  constexpr int n = 20000;
  const long before = resident_pages();
  auto never = ravel::make_chan<int>();
  ravel::wait_group wg;
  for (int i = 0; i < n; ++i) wg.go([never] { never.recv(); });
  ravel::yield();
  never.close();
  wg.wait();
  const long after = resident_pages();
  EXPECT_GT(after - before, n / 2);
  // The monitor gives half of what nobody needed at a time.
  for (int i = 0; i < 200 && resident_pages() - before > n / 4; ++i) ravel::sleep_for(50ms);
  EXPECT_LE(resident_pages() - before, n / 4);
  // And they can be used again.
  std::atomic<int> ran{0};
  for (int i = 0; i < n; ++i) wg.go([&] { ++ran; });
  wg.wait();
  EXPECT_EQ(ran, n);
}

TEST(goroutines, have_distinct_ids_and_are_counted) {
  const int before = ravel::num_goroutine();
  auto ids = ravel::make_chan<std::uint64_t>(1000);
  ravel::wait_group wg;
  for (int i = 0; i < 1000; ++i) wg.go([&] { ids << ravel::this_goroutine_id(); });
  wg.wait();
  ids.close();
  std::vector<std::uint64_t> all;
  for (std::uint64_t id : ids) all.push_back(id);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all.size(), 1000u);
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
  while (ravel::num_goroutine() > before) ravel::yield();  // done comes before the end
  EXPECT_LE(ravel::num_goroutine(), before);
}

}  // namespace
