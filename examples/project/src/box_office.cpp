#include "box_office.hpp"

#include <atomic>
#include <mutex>

bool box_office::sell(const std::string& customer) {
  const std::lock_guard hold(lock_);
  if (free_ == 0) return false;
  --free_;
  takings_ += price;
  ++sold_[customer];
  return true;
}

int box_office::free_seats() const {
  const std::lock_guard hold(lock_);
  return free_;
}

int box_office::takings() const {
  const std::lock_guard hold(lock_);
  return takings_;
}

int serve(box_office& office, ravel::recv_chan<std::string> customers, int counters) {
  std::atomic<int> served{0};
  ravel::wait_group open;
  for (int i = 0; i < counters; ++i) {
    open.go([&, customers]() mutable {
      for (const std::string& customer : customers) served += office.sell(customer) ? 1 : 0;
    });
  }
  open.wait();
  return served;
}
