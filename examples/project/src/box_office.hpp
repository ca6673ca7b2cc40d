#pragma once
#include <ravel/ravel.hpp>

#include <map>
#include <string>

// Sells the seats of a hall, from as many counters as there are.
class box_office {
 public:
  explicit box_office(int seats) : free_(seats) {}

  // Whether there was a seat left for this customer.
  bool sell(const std::string& customer);

  int free_seats() const;
  int takings() const;

 private:
  static constexpr int price = 12;

  mutable ravel::mutex lock_;
  int free_;
  int takings_ = 0;
  std::map<std::string, int> sold_;
};

// `counters` goroutines serve the customers who come over the channel until it is closed; how many got a seat.
int serve(box_office& office, ravel::recv_chan<std::string> customers, int counters);
