// A pipeline: one goroutine produces batches of numbers, three sum up the squares (fan-out), and main adds their sums (fan-in).

#include <ravel/ravel.hpp>

#include <iostream>
#include <span>
#include <vector>

namespace {

using batch = std::span<const int>;

ravel::recv_chan<batch> count_to(int last, std::span<int> buffer) {
  auto out = ravel::make_chan<batch>();
  ravel::go([=] {
    for (int n = 1; n <= last;) {
      // One buffer for all batches: it is filled anew while a worker still reads the batch before.
      for (int& slot : buffer) slot = n++;  // races
      out << batch(buffer);
    }
    out.close();
  });
  return out;
}

long sum_of_squares(batch numbers) {
  long sum = 0;
  for (int n : numbers) sum += n * n;  // races
  return sum;
}

}  // namespace

int main() {
  std::vector<int> buffer(50);
  auto batches = count_to(1000, buffer);

  auto sums = ravel::make_chan<long>();
  ravel::wait_group workers;
  for (int i = 0; i < 3; ++i) {
    workers.go([=] {
      for (batch b : batches) sums << sum_of_squares(b);
    });
  }
  ravel::go([&workers, sums] {
    workers.wait();
    sums.close();
  });

  long total = 0;
  for (long sum : sums) total += sum;
  std::cout << "the squares of 1 to 1000 add up to " << total << '\n';
}
