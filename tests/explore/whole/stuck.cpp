// Two workers look whether there is a task left before they take it: with one task, one of them waits for ever in some schedules, and main for it.
#include <ravel/ravel.hpp>

int main() {
  ravel::chan<int> tasks = ravel::make_chan<int>(1);
  ravel::chan<ravel::unit> done = ravel::make_chan<ravel::unit>();
  tasks << 1;
  for (int i = 0; i < 2; ++i) {
    ravel::go([=]() mutable {
      if (tasks.len() != 0) {
        int task = 0;
        tasks >> task;
      }
      done << ravel::unit{};
    });
  }
  done.recv();
  done.recv();
}
