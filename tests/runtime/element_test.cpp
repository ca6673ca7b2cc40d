// What channels carry: elements of every shape, and what becomes of them when their moves throw.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <ravel/ravel.hpp>
#include <stdexcept>
#include <string>

namespace {

struct alignas(128) over_aligned {
  long value;
  bool in_place() const { return reinterpret_cast<std::uintptr_t>(this) % 128 == 0; }
};
struct big {
  std::array<long, 500> values;
};

TEST(element, over_aligned_ones_stay_aligned) {
  for (std::size_t capacity : {0u, 3u}) {
    auto c = ravel::make_chan<over_aligned>(capacity);
    ravel::go([c] { for (long i = 0; i < 100; ++i) c << over_aligned{i}; c.close(); });
    long expected = 0;
    for (over_aligned v : c) {
      EXPECT_TRUE(v.in_place());
      EXPECT_EQ(v.value, expected++);
    }
    EXPECT_EQ(expected, 100);
  }
}

TEST(element, big_ones_arrive_whole) {
  auto c = ravel::make_chan<big>(2);
  ravel::go([c] {
    for (long i = 0; i < 100; ++i) {
      big b;
      b.values.fill(i);
      c << b;
    }
    c.close();
  });
  long expected = 0;
  for (const big& b : c) {
    for (long v : b.values) EXPECT_EQ(v, expected);
    ++expected;
  }
  EXPECT_EQ(expected, 100);
}

TEST(element, units_are_counted) {
  auto c = ravel::make_chan<ravel::unit>(1000);
  for (int i = 0; i < 1000; ++i) c << ravel::unit{};
  EXPECT_FALSE(c.try_send({}));
  int n = 0;
  for (ravel::unit u; c.try_recv(u) == ravel::recv_status::received;) ++n;
  EXPECT_EQ(n, 1000);
}

// Throws when the move that `fuse` counts down to is made; counts what is alive.
struct moody {
  static inline std::atomic<long> alive = 0;
  static inline std::atomic<int> fuse = -1;
  int value;
  explicit moody(int v) : value(v) { ++alive; }
  moody(moody&& o) : value(o.value) {
    if (fuse >= 0 && fuse-- == 0) throw std::runtime_error("moved in a mood");
    ++alive;
  }
  ~moody() { --alive; }
};

TEST(element, a_throwing_move_leaves_the_channel_whole_and_leaks_nothing) {
  for (std::size_t capacity : {0u, 1u, 4u}) {
    for (int fuse = 0; fuse < 8; ++fuse) {
      {
        auto c = ravel::make_chan<moody>(capacity);
        auto sent = ravel::make_chan<int>(1);
        ravel::go([=] {
          int n = 0;
          for (int i = 0; i < 5; ++i) {
            try { c.send(moody(i)); ++n; } catch (const std::runtime_error&) {}
          }
          c.close();
          sent << n;
        });
        moody::fuse = fuse;
        int received = 0, failed = 0, last = -1;
        for (;;) {
          try {
            std::optional<moody> v = c.recv();
            if (!v) break;
            EXPECT_GT(v->value, last);
            last = v->value;
            ++received;
          } catch (const std::runtime_error&) { ++failed; }
        }
        moody::fuse = -1;
        EXPECT_EQ(received + failed, *sent.recv()) << "capacity " << capacity << ", fuse " << fuse;
      }
      EXPECT_EQ(moody::alive, 0) << "capacity " << capacity << ", fuse " << fuse;
    }
  }
}

}  // namespace
