// A race that few schedules show: the reader looks only when it is late.
#include <ravel/ravel.hpp>

#include <atomic>
#include <cstdio>

int data = 0;
std::atomic<int> turn{0};

int main(int argc, char** argv) {
  std::printf("runs with %d arguments, first %s\n", argc - 1, argc > 1 ? argv[1] : "none");
  ravel::wait_group both;
  both.go([] {
    data = 1;
    turn = 1;
    turn = 2;
  });
  both.go([] {
    if (turn == 1) {
      turn = 0;
      data = 2;
    } else if (turn == 0) {
      if (turn == 2) data = 3;
    }
    if (turn == 0) std::printf("%d\n", data);
  });
  both.wait();
}
