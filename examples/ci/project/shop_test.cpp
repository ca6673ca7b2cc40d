#include <ravel/gtest.hpp>
#include <ravel/ravel.hpp>

RAVEL_TEST(shop, serves_customers_one_at_a_time) {
  ravel::mutex counter;
  int served = 0;
  ravel::wait_group customers;
  for (int i = 0; i < 3; ++i) {
    customers.go([&] {
      const std::lock_guard hold(counter);
      ++served;
    });
  }
  customers.wait();
  EXPECT_EQ(served, 3);
}

RAVEL_TEST(shop, closes_when_the_last_has_left) {
  auto door = ravel::make_chan<ravel::unit>();
  ravel::go([=]() mutable { door.close(); });
  EXPECT_FALSE(door.recv());
}

#ifdef SHOP_WITH_A_RACE  // -DCMAKE_CXX_FLAGS=-DSHOP_WITH_A_RACE, to see how a failure looks
TEST(shop, counts_its_takings) {
  int takings = 0;
  ravel::wait_group tills;
  for (int i = 0; i < 2; ++i) tills.go([&] { takings += 5; });
  tills.wait();
}
#endif

TEST(shop, opens) {}
