// Ends with status 4 when of two workers with a delay by chance the second is the faster: only virtual time and chance make that repeatable.
#include <ravel/ravel.hpp>

#include <atomic>
#include <chrono>
#include <random>
#include <thread>

int main() {
  std::atomic<int> first{0};
  ravel::wait_group both;
  const auto from = std::chrono::steady_clock::now();
  for (int i = 1; i <= 2; ++i) {
    both.go([&first, i] {
      std::this_thread::sleep_for(std::chrono::minutes(1 + std::random_device{}() % 60));
      int nobody = 0;
      first.compare_exchange_strong(nobody, i);
    });
  }
  both.wait();
  if (std::chrono::steady_clock::now() - from > std::chrono::hours(1)) return 5;  // 61 minutes are never drawn
  return first.load() == 2 ? 4 : 0;
}
