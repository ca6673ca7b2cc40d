#include <ravel/ravel.hpp>

int balance = 0;

int main() {
  ravel::wait_group finished;
  finished.add(1);
  ravel::go([&] {
    ++balance;
    finished.done();
  });
  ++balance;
  finished.wait();
}
