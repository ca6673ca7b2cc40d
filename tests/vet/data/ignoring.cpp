#include <ravel/ravel.hpp>

using namespace ravel;

void behind_the_line() {
  int n = 0;
  go([&n] { ++n; });  // ravel: vet-ignore(dangling-capture) a test of the comment
}

void before_the_line() {
  int n = 0;
  // ravel: vet-ignore(missing-wait, dangling-capture) a test of the comment
  go([&n] { ++n; });
}

void another_check() {
  int n = 0;
  // ravel: vet-ignore(missing-wait) not the one that fires
  go([&n] { ++n; });  // expect: dangling-capture
}

void without_reason() {
  int n = 0;
  // ravel: vet-ignore(dangling-capture)
  go([&n] { ++n; });  // expect: dangling-capture
}
