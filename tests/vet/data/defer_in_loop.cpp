#include <ravel/ravel.hpp>

#include <vector>

using namespace ravel;

void open(int);
void release(int);
void work(int);

void as_in_go(const std::vector<int>& files) {
  for (int f : files) {
    open(f);
    RAVEL_DEFER { release(f); };  // expect: defer-in-loop
  }
}

void under_a_condition(const std::vector<int>& files) {
  for (int f : files) {
    if (f > 0) {
      RAVEL_DEFER { release(f); };  // expect: defer-in-loop
    }
  }
}

// --- near misses

void each_turn(const std::vector<int>& files) {
  for (int f : files) {
    open(f);
    RAVEL_DEFER { release(f); };
    work(f);
  }
}

void no_loop(int f) {
  open(f);
  RAVEL_DEFER { release(f); };
}
