#pragma once
// One row of the comparison: a function that takes how often to do the thing and returns the figure. Its twin in go/ has the same name.

#include <chrono>
#include <string>
#include <vector>

namespace bench {

struct row {
  const char* name;
  long n;
  const char* unit;
  double (*measure)(long n);
};

inline std::vector<row>& rows() {
  static std::vector<row> all;
  return all;
}

struct registered {
  explicit registered(const row& r) { rows().push_back(r); }
};

inline double now_ns() {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

// Nanoseconds for each of n.
template <class F>
double ns_each(long n, F&& f) {
  const double start = now_ns();
  f();
  return (now_ns() - start) / static_cast<double>(n);
}

}  // namespace bench

#define ROW(name, n, unit)                                      \
  static double name(long);                                     \
  static const bench::registered name##_row({#name, n, unit, name}); \
  static double name([[maybe_unused]] long n_)

#define ROW_N n_
