#include "box_office.hpp"

#include <gtest/gtest.h>

#if RAVEL_RACE
#include <ravel/gtest.hpp>
#else
#define RAVEL_TEST TEST  // built without -race, a test runs once
#endif

TEST(BoxOffice, a_full_hall_sells_nothing) {
  box_office office(1);
  EXPECT_TRUE(office.sell("Ann"));
  EXPECT_FALSE(office.sell("Ben"));
  EXPECT_EQ(office.free_seats(), 0);
}

RAVEL_TEST(BoxOffice, two_counters_sell_no_seat_twice) {
  box_office office(1);
  int sold = 0;
  ravel::mutex lock;
  ravel::wait_group counters;
  for (const char* name : {"Ann", "Ben"}) {
    counters.go([&, name] {
      const bool got = office.sell(name);
      const std::lock_guard hold(lock);
      sold += got ? 1 : 0;
    });
  }
  counters.wait();
  EXPECT_EQ(sold, 1);
  EXPECT_EQ(office.takings(), 12);
}

TEST(BoxOffice, takings_may_be_read_while_counters_sell) {
  box_office office(100);
  auto queue = ravel::make_chan<std::string>();
  ravel::wait_group street;
  street.go([=]() mutable {
    for (int i = 0; i < 20; ++i) queue << std::string("customer");
    queue.close();
  });
  street.go([&] { EXPECT_LE(office.takings(), 20 * 12); });
  EXPECT_EQ(serve(office, queue, 3), 20);
  street.wait();
  EXPECT_EQ(office.takings(), 20 * 12);
}
