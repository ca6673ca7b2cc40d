// Ordinary code of one goroutine: strings, vectors, maps, sorting, small objects on the heap.
#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "concurrent.hpp"

namespace {

struct order {
  std::string customer;
  std::vector<std::uint32_t> items;
  std::uint64_t price = 0;
};

std::vector<std::unique_ptr<order>> make_orders(int count) {
  xorshift random(3);
  std::vector<std::unique_ptr<order>> orders;
  for (int i = 0; i < count; ++i) {
    auto o = std::make_unique<order>();
    o->customer = "customer number " + std::to_string(random.next() % 3000);
    const auto items = random.next() % 6 + 1;
    for (std::uint64_t k = 0; k < items; ++k) o->items.push_back(static_cast<std::uint32_t>(random.next() % 500));
    orders.push_back(std::move(o));
  }
  return orders;
}

}  // namespace

int main() {
  std::uint64_t sum = 0;
  for (int round = 0; round < 3; ++round) {
    auto orders = make_orders(60'000);
    for (auto& o : orders) {
      for (auto item : o->items) o->price += item * 7 + 3;
    }
    std::map<std::string, std::uint64_t> by_customer;
    for (const auto& o : orders) by_customer[o->customer] += o->price;
    std::sort(orders.begin(), orders.end(), [](const auto& a, const auto& b) { return a->price < b->price; });
    for (const auto& [customer, price] : by_customer) sum = sum * 31 + price;
    sum = sum * 31 + orders[orders.size() / 2]->price;
  }
  return print_checksum(sum);
}
