// One number back and forth between two goroutines over unbuffered channels.
#include "concurrent.hpp"

int main() {
  constexpr int trips = 800'000 / conc::lighter;
  auto there = conc::make_chan<int>(), back = conc::make_chan<int>();
  conc::wait_group all;
  all.go([=]() mutable {
    while (auto v = there.recv()) back.send(*v ^ 1);
  });
  std::uint64_t wrong = 0;
  for (int i = 0; i < trips; ++i) {
    there.send(i);
    wrong += *back.recv() != (i ^ 1);
  }
  there.close();
  all.wait();
  return print_checksum(wrong);
}
