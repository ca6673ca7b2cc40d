// 600 x 600 doubles, four goroutines, each a band of rows; rows of the right matrix read by all.
#include "concurrent.hpp"

namespace {

constexpr int n = 600, workers = 4;

void multiply(const std::vector<double>& a, const std::vector<double>& b, std::vector<double>& c, int first, int last) {
  for (int i = first; i < last; ++i) {
    for (int k = 0; k < n; ++k) {
      const double x = a[i * n + k];
      for (int j = 0; j < n; ++j) c[i * n + j] += x * b[k * n + j];
    }
  }
}

}  // namespace

int main() {
  std::vector<double> a(n * n), b(n * n), c(n * n);
  for (int i = 0; i < n * n; ++i) {
    a[i] = i % 7;
    b[i] = i % 11;
  }
  conc::wait_group all;
  for (int w = 0; w < workers; ++w) all.go([&, w] { multiply(a, b, c, n * w / workers, n * (w + 1) / workers); });
  all.wait();
  double sum = 0;
  for (double x : c) sum += x;
  return print_checksum(static_cast<std::uint64_t>(sum));
}
