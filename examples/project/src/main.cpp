#include <cstdio>

#include "box_office.hpp"

int main() {
  box_office office(3);
  auto queue = ravel::make_chan<std::string>();
  ravel::go([=]() mutable {
    for (const char* name : {"Ann", "Ben", "Cleo", "Dan"}) queue << std::string(name);
    queue.close();
  });
  const int served = serve(office, queue, 2);
  std::printf("%d seats sold, %d free, %d taken\n", served, office.free_seats(), office.takings());
}
