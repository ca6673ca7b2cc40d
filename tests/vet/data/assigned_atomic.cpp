#include <ravel/ravel.hpp>

#include <atomic>

using namespace ravel;

struct counters {
  std::atomic<int> seen{0};
  std::atomic<long> other{0};

  void member() { seen = seen.fetch_add(1); }  // expect: assigned-atomic
};

std::atomic<unsigned> flags;

void of_a_global() {
  flags = flags.fetch_or(4);  // expect: assigned-atomic
  flags.store(flags++);       // expect: assigned-atomic
}

void of_a_local() {
  std::atomic<int> n{0};
  n = ++n;  // expect: assigned-atomic
}

// --- near misses

void another_object(counters& c, std::atomic<int>& total) {
  total = c.seen.fetch_add(1);
  c.other = c.seen.exchange(0);
}

int used(std::atomic<int>& n) {
  int before = 0;
  before = n.fetch_add(1);
  n.store(before);
  n = n.load();
  n = 1;
  return before;
}
