// Estimates pi by counting the points with whole coordinates in a quarter of a circle, a share of the rows for each goroutine.

#include <ravel/ravel.hpp>

#include <atomic>
#include <iostream>

int main() {
  constexpr long radius = 500;
  constexpr int goroutines = 4;

  std::atomic<long> inside = 0;
  ravel::wait_group counting;
  for (int share = 0; share < goroutines; ++share) {
    counting.go([share, &inside] {
      for (long y = share; y < radius; y += goroutines) {
        for (long x = 0; x < radius; ++x) {
          if (x * x + y * y < radius * radius) ++inside;
        }
      }
    });
  }
  counting.wait();

  std::cout << inside << " points, so pi is about " << 4.0 * static_cast<double>(inside) / (radius * radius) << '\n';
}
