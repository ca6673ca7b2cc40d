#include <ravel/ravel.hpp>

void add();

int main() {
  ravel::wait_group finished;
  finished.add(1);
  ravel::go([&] {
    add();
    finished.done();
  });
  add();
  finished.wait();
}
