// reference_long: random programs of all shapes for as long as one likes. Prints how many events were compared; exit status 1 and the seed
// and shape of the first difference.

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "tests/reference/random_program.hpp"

namespace {

constexpr ravel::test::program_shape shapes[] = {
    {300, 6, 2, 40, 70, 0}, {200, 8, 2, 64, 20, 0}, {300, 4, 2, 8, 50, 0}, {400, 2, 1, 32, 60, 0}, {1500, 40, 6, 64, 60, 0}, {300, 6, 2, 40, 50, 97},
};

std::uint64_t number(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

int main() {
  const std::uint64_t traces = number("RAVEL_REFERENCE_TRACES", 100000), first = number("RAVEL_REFERENCE_SEED", 1000000);
  std::uint64_t events = 0, races = 0;
  for (std::uint64_t seed = first; seed < first + traces; ++seed) {
    const auto& shape = shapes[seed % std::size(shapes)];
    ravel::test::random_program p(seed, shape);
    if (const std::string difference = p.run(); !difference.empty()) {
      std::printf("seed %" PRIu64 ", shape %zu: %s\n", seed, static_cast<std::size_t>(seed % std::size(shapes)), difference.c_str());
      return 1;
    }
    events += static_cast<std::uint64_t>(shape.events);
    races += static_cast<std::uint64_t>(p.races());
  }
  std::printf("%" PRIu64 " events of %" PRIu64 " programs: the same verdict for each; %" PRIu64 " races\n", events, traces, races);
  return 0;
}
