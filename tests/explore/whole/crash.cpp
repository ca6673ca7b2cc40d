// Dies of a null pointer when the second goroutine is late: the schedule must be told although its process is gone.
#include <ravel/ravel.hpp>

#include <atomic>

int main() {
  static int thing = 1;
  std::atomic<int*> made{nullptr};
  ravel::wait_group both;
  both.go([&] {
    made = &thing;
    made = nullptr;
    made = &thing;
  });
  both.go([&] {
    while (made == nullptr) ravel::yield();
    *const_cast<volatile int*>(made.load()) = 2;
  });
  both.wait();
}
