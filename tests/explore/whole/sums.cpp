// Nothing is wrong here: goroutines with memory of their own on the heap send, and somebody adds up.
#include <ravel/ravel.hpp>

#include <memory>
#include <vector>

int main() {
  auto numbers = ravel::make_chan<int>();
  std::vector<std::unique_ptr<ravel::mutex>> locks;
  for (int i = 0; i < 3; ++i) locks.push_back(std::make_unique<ravel::mutex>());
  ravel::wait_group all;
  for (int i = 0; i < 3; ++i) {
    all.go([&, i] {
      locks[static_cast<std::size_t>(i % 2)]->lock();
      locks[static_cast<std::size_t>(i % 2)]->unlock();
      numbers << i;
    });
  }
  int sum = 0;
  for (int i = 0; i < 3; ++i) sum += numbers.recv().value_or(0);
  all.wait();
  return sum == 3 ? 0 : 1;
}
