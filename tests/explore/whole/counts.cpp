// A global that a second run in the same process would find changed, and an exit status that depends on the schedule when asked for one.
#include <ravel/ravel.hpp>

#include <atomic>
#include <cstdlib>

std::atomic<int> runs{0};

int main(int argc, char**) {
  if (++runs != 1) std::abort();
  std::atomic<int> last{0};
  ravel::wait_group both;
  both.go([&] { last = 1; });
  both.go([&] { last = 2; });
  both.wait();
  if (argc > 1 && last == 1) std::exit(3);
  return 0;
}
