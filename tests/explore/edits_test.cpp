// Lines after trivial edits, the short form of tests/bench/explore/edits. A replay counts only when the line itself, or one next to it, leads to
// the failure: schedules drawn at random for want of better would find most of these bugs too.

#include <gtest/gtest.h>

#include "edits.hpp"

namespace {

TEST(edits, lines_survive_them) {
  int edited = 0, exact = 0, near = 0;
  for (const edits::kernel& k : edits::kernels) {
    const edits::outcome o = edits::try_edits(k, 1);
    EXPECT_EQ(o.lines, 1) << k.name;
    EXPECT_EQ(o.unmodified, o.lines) << k.name;
    edited += o.edited;
    exact += o.exact;
    near += o.near;
  }
  EXPECT_GE(near * 100, edited * 95) << near << " of " << edited;
  EXPECT_GE(exact * 100, edited * 85) << exact << " of " << edited;
}

}  // namespace
