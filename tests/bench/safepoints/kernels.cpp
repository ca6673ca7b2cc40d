// What safepoints cost: loops of kinds that programs spend their time in. `run` compiles this with and without them.
// kernels NAME: nanoseconds of processor time per round, the best of 15.

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

std::uint64_t sink;

std::vector<int> ints(std::size_t n) {
  std::vector<int> v(n);
  std::uint32_t x = 12345;
  for (int& i : v) i = static_cast<int>((x = x * 1664525 + 1013904223) >> 8);
  return v;
}

void sum_of_squares() {
  static const auto v = ints(4000);
  for (int r = 0; r < 500; ++r) {
    int s = 0;
    for (const int i : v) s += i * i;
    sink += static_cast<unsigned>(s);
  }
}
void prefix_sums() {
  static auto v = ints(4000);
  for (int r = 0; r < 500; ++r) for (std::size_t i = 1; i < v.size(); ++i) v[i] = static_cast<int>(static_cast<unsigned>(v[i]) + static_cast<unsigned>(v[i - 1]));
  sink += static_cast<unsigned>(v.back());
}
void pointer_chase() {
  static const auto next = [] {
    std::vector<std::uint32_t> n(4096);
    for (std::uint32_t i = 0; i < n.size(); ++i) n[i] = (i * 1103 + 7) % 4096;
    return n;
  }();
  std::uint32_t at = 1;
  std::uint32_t rounds = 0;
  while (++rounds < 500'000 && at != 4097) at = next[at];
  sink += at;
}
void hash_bytes() {
  static const std::string text(4096, 'x');
  for (int r = 0; r < 100; ++r) {
    std::uint64_t h = 14695981039346656037ull;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    sink += h;
  }
}
void count_words() {
  static const std::string text = [] {
    std::string t;
    for (int i = 0; i < 20000; ++i) t += i % 5 == 0 ? ' ' : 'a';
    return t;
  }();
  for (int r = 0; r < 20; ++r) {
    bool inside = false;
    for (const char c : text) {
      sink += !inside && c != ' ';
      inside = c != ' ';
    }
  }
}
int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
void recursion() { sink += static_cast<unsigned>(fibonacci(24)); }
void matrices() {
  constexpr int n = 96;
  static double a[n][n], b[n][n], c[n][n];
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < n; ++k) {
      for (int j = 0; j < n; ++j) c[i][j] += a[i][k] * b[k][j] + 1;
    }
  }
  sink += static_cast<std::uint64_t>(c[3][5]);
}
void sorting() {
  static const auto v = ints(10000);
  auto w = v;
  std::sort(w.begin(), w.end());
  sink += static_cast<unsigned>(w[5]);
}
void hash_table() {
  std::unordered_map<int, int> m;
  static const auto v = ints(5000);
  for (const int i : v) ++m[i & 1023];
  sink += m.size();
}
void sieve() {
  static std::vector<unsigned char> composite(60000);
  std::fill(composite.begin(), composite.end(), 0);
  for (std::size_t i = 2; i * i < composite.size(); ++i) {
    if (composite[i] != 0) continue;
    for (std::size_t k = i * i; k < composite.size(); k += i) composite[k] = 1;
  }
  sink += composite[59999];
}

struct kernel { const char* name; void (*run)(); };
constexpr kernel kernels[] = {{"sum_of_squares", sum_of_squares}, {"prefix_sums", prefix_sums}, {"pointer_chase", pointer_chase},
                              {"hash_bytes", hash_bytes}, {"count_words", count_words}, {"recursion", recursion}, {"matrices", matrices},
                              {"sorting", sorting}, {"hash_table", hash_table}, {"sieve", sieve}};

double cpu_ns() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

}  // namespace

int main() {
  for (const kernel& k : kernels) {
    double best = 1e18;
    for (int i = 0; i < 60; ++i) {
      const double start = cpu_ns();
      k.run();
      best = std::min(best, cpu_ns() - start);
    }
    std::printf("%s %.0f\n", k.name, best);
  }
  return sink == 42;
}
