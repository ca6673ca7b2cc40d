// The concurrent prime sieve: a chain of goroutines, each of which passes on the numbers that its own prime does not divide.

#include <ravel/ravel.hpp>

#include <iostream>

namespace {

void count_up(ravel::send_chan<int> out) {
  for (int n = 2; n < 100; ++n) out << n;
  out.close();
}

}  // namespace

int main() {
  auto numbers = ravel::make_chan<int>();
  ravel::go(count_up, numbers);

  int prime = 0;
  while (auto first = numbers.recv()) {
    prime = *first;  // races
    std::cout << prime << ' ';

    auto rest = ravel::make_chan<int>();
    // Captured by reference, `prime` is not this filter's own: the next turn of the loop changes it for all filters.
    ravel::go([&prime, numbers, rest] {
      for (int n : numbers) {
        if (n % prime != 0) rest << n;  // races
      }
      rest.close();
    });
    numbers = rest;
  }
  std::cout << '\n';
}
