// A pipeline: one goroutine produces batches of numbers, three sum up the squares (fan-out), and main adds their sums (fan-in).

#include <ravel/ravel.hpp>

#include <iostream>
#include <utility>
#include <vector>

namespace {

using batch = std::vector<int>;

ravel::recv_chan<batch> count_to(int last, std::size_t batch_size) {
  auto out = ravel::make_chan<batch>();
  ravel::go([=] {
    for (int n = 1; n <= last;) {
      batch numbers(batch_size);
      for (int& slot : numbers) slot = n++;
      out << std::move(numbers);
    }
    out.close();
  });
  return out;
}

long sum_of_squares(const batch& numbers) {
  long sum = 0;
  for (int n : numbers) sum += n * n;
  return sum;
}

}  // namespace

int main() {
  auto batches = count_to(1000, 50);

  auto sums = ravel::make_chan<long>();
  ravel::wait_group workers;
  for (int i = 0; i < 3; ++i) {
    workers.go([=] {
      for (const batch& b : batches) sums << sum_of_squares(b);
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
