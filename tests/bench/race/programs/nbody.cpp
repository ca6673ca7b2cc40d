// Bodies that pull at each other: each step, four goroutines move a quarter of the bodies each, reading the places of all.
#include <cmath>

#include "concurrent.hpp"

namespace {

constexpr int bodies = 400, steps = 60, workers = 4;
constexpr double dt = 0.01, softening = 1e-3;

struct vec { double x, y, z; };
struct body { vec at, speed; double mass; };

void push(std::vector<body>& next, const std::vector<body>& now, int first, int last) {
  for (int i = first; i < last; ++i) {
    vec force{0, 0, 0};
    for (const body& b : now) {
      const double x = b.at.x - now[i].at.x, y = b.at.y - now[i].at.y, z = b.at.z - now[i].at.z;
      const double square = x * x + y * y + z * z + softening;
      const double pull = b.mass / (square * std::sqrt(square));
      force = {force.x + x * pull, force.y + y * pull, force.z + z * pull};
    }
    body& b = next[i];
    b.mass = now[i].mass;
    b.speed = {now[i].speed.x + force.x * dt, now[i].speed.y + force.y * dt, now[i].speed.z + force.z * dt};
    b.at = {now[i].at.x + b.speed.x * dt, now[i].at.y + b.speed.y * dt, now[i].at.z + b.speed.z * dt};
  }
}

}  // namespace

int main() {
  xorshift random(7);
  const auto number = [&] { return static_cast<double>(random.next() % 2000) / 1000 - 1; };
  std::vector<body> now(bodies), next(bodies);
  for (body& b : now) b = {{number(), number(), number()}, {0, 0, 0}, 1 + number() / 2};
  for (int step = 0; step < steps; ++step) {
    conc::wait_group all;
    for (int w = 0; w < workers; ++w) {
      all.go([&, w] { push(next, now, bodies * w / workers, bodies * (w + 1) / workers); });
    }
    all.wait();
    std::swap(now, next);
  }
  double sum = 0;
  for (const body& b : now) sum += std::fabs(b.at.x) + std::fabs(b.at.y) + std::fabs(b.at.z);
  return print_checksum(static_cast<std::uint64_t>(sum));
}
