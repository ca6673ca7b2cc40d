// Estimates pi by counting the points with whole coordinates in a quarter of a circle, a share of the rows for each goroutine.

#include <ravel/ravel.hpp>

#include <iostream>

int main() {
  constexpr long radius = 500;
  constexpr int goroutines = 4;

  long inside = 0;
  ravel::wait_group counting;
  for (int share = 0; share < goroutines; ++share) {
    counting.go([share, &inside] {
      for (long y = share; y < radius; y += goroutines) {
        for (long x = 0; x < radius; ++x) {
          // Adding one is reading, adding and writing: two goroutines that read the same number count one point less.
          if (x * x + y * y < radius * radius) ++inside;  // races
        }
      }
    });
  }
  counting.wait();

  std::cout << inside << " points, so pi is about " << 4.0 * static_cast<double>(inside) / (radius * radius) << '\n';
}
