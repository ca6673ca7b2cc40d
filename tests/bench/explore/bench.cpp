// Schedules per second with race detection on, beside what Relacy reaches on a 2.3 GHz Xeon virtual machine with two processors (measured there with
// its random scheduler, C++11 weak memory and data-race detection on; processor time of one core), and mean schedules to the first bug over 20
// seeds with default settings. Prints markdown.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include "../../explore/kernels.hpp"

using namespace kernels;

namespace {

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

template <class F>
void speed(const char* name, F body, std::uint64_t schedules, const char* strategy, const char* relacy) {
  std::vector<double> rates;
  for (int i = 0; i < 5; ++i) {
    const double before = processor_seconds();
    const explore::result r = explore::run(body, {.schedules = schedules, .strategy = strategy});
    rates.push_back(static_cast<double>(r.schedules) / (processor_seconds() - before));
  }
  std::sort(rates.begin(), rates.end());
  std::printf("| %s, %s | %.0f | %s |\n", name, strategy, rates[2], relacy);
  std::fflush(stdout);
}

template <class F>
void first_bug(const char* name, F body) {
  double sum = 0;
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const explore::result r = explore::run(body, {.schedules = 10'000, .seed = seed, .shrink = false});
    sum += static_cast<double>(r.schedules);
    found += !r.failures.empty();
  }
  std::printf("| %s | %.1f | %d/20 |\n", name, sum / 20, found);
  std::fflush(stdout);
}

auto counter(int n, int k) {
  return [=] {
    std::atomic<int> c{0};
    wait_group all;
    for (int i = 0; i < n; ++i) all.go([&, k] { for (int j = 0; j < k; ++j) c.fetch_add(1); });
    all.wait();
  };
}

auto locked(int n, int k) {
  return [=] {
    mutex m;
    int c = 0;
    wait_group all;
    for (int i = 0; i < n; ++i) all.go([&, k] { for (int j = 0; j < k; ++j) { const std::lock_guard hold(m); ++c; } });
    all.wait();
  };
}

}  // namespace

int main() {
  std::puts("| schedules per second of processor time | Ravel | Relacy |\n|---|--:|--:|");
  speed("2 goroutines x 2 atomics", counter(2, 2), 50'000, "random", "2830000");
  speed("3 x 2", counter(3, 2), 30'000, "random", "1650000");
  speed("3 x 10", counter(3, 10), 10'000, "random", "460000");
  speed("mutex 3 x 2", locked(3, 2), 10'000, "random", "830000");
  speed("101 goroutines", counter(100, 2), 500, "random", "");
  speed("3 x 4", counter(3, 4), 34'650, "exhaustive", "");
  std::puts("\n| schedules to the first bug (at most 10,000 counted) | mean | found |\n|---|--:|--:|");
  first_bug("reorder_3", reorder(2, 1, false));
  first_bug("reorder_4", reorder(3, 1, false));
  first_bug("reorder_10", reorder(9, 1, false));
  first_bug("reorder_50", reorder(40, 10, false));
  first_bug("twostage", twostage(1, 1, false));
  first_bug("twostage_50", twostage(40, 10, false));
  first_bug("lazy01", lazy(false));
  first_bug("account", account(false));
  first_bug("wronglock", wrong_lock(false));
  first_bug("din_phil2", philosophers(2, false));
  first_bug("din_phil5", philosophers(5, false));
}
