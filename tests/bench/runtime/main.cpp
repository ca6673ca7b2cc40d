// bench_runtime --list, or bench_runtime ROW: prints the figure of that row.

#include <cstdio>
#include <cstring>

#include "row.hpp"

int main(int argc, char** argv) {
  for (const bench::row& r : bench::rows()) {
    if (argc == 2 && std::strcmp(argv[1], "--list") == 0) {
      std::printf("%s %s\n", r.name, r.unit);
    } else if (argc == 2 && std::strcmp(argv[1], r.name) == 0) {
      std::printf("%.4g\n", r.measure(r.n));
      return 0;
    }
  }
  if (argc == 2 && std::strcmp(argv[1], "--list") == 0) return 0;
  std::fprintf(stderr, "usage: bench_runtime --list | ROW\n");
  return 2;
}
