// Two locks in two orders: main waits for ever in some schedules. Most runs in parallel end well.
#include <ravel/ravel.hpp>

int main() {
  ravel::mutex a, b;
  ravel::wait_group both;
  both.go([&] {
    a.lock();
    b.lock();
    b.unlock();
    a.unlock();
  });
  both.go([&] {
    b.lock();
    a.lock();
    a.unlock();
    b.unlock();
  });
  both.wait();
}
