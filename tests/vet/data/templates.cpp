#include <ravel/ravel.hpp>

using namespace ravel;

template <class T>
void start(T n) {
  go([&n] { ++n; });  // expect: dangling-capture
}

template <class T>
struct box {
  void start(T n) {
    go([&n] { ++n; });  // expect: dangling-capture
  }
};

struct in_a_function {
  static void f() {
    struct local {
      void start(int n) {
        go([&n] { ++n; });  // expect: dangling-capture
      }
    };
    local{}.start(1);
  }
};

void instances() {
  start(1);
  start(1L);  // found once
  box<int>{}.start(1);
}
