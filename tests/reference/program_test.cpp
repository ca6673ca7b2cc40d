// Programs of random events on the real detector and on the naive one: the same verdict for each access. And the same comparison with one
// edge of the real detector cut, or one too many: it must notice.

#include <gtest/gtest.h>

#include "tests/reference/random_program.hpp"

namespace ravel::test {
namespace {

void expect_agreement(const program_shape& shape, int programs) {
  long races = 0;
  for (int seed = 1; seed <= programs; ++seed) {
    random_program p(static_cast<std::uint64_t>(seed), shape);
    ASSERT_EQ(p.run(), "") << "seed " << seed;
    races += p.races();
  }
  EXPECT_GT(races, programs / 10) << "programs without a race prove little";
}

TEST(random_programs, agree_when_everything_is_ordered_often) { expect_agreement({300, 6, 2, 40, 70, 0}, 1000); }
TEST(random_programs, agree_when_little_is_ordered) { expect_agreement({200, 8, 2, 64, 20, 0}, 1000); }
TEST(random_programs, agree_on_one_granule) { expect_agreement({300, 4, 2, 8, 50, 0}, 500); }
TEST(random_programs, agree_when_two_goroutines_share_one_object_of_each_kind) { expect_agreement({400, 2, 1, 32, 60, 0}, 500); }
TEST(random_programs, agree_with_many_goroutines_one_after_another) { expect_agreement({2000, 40, 6, 64, 60, 0}, 40); }
TEST(random_programs, agree_while_histories_are_collected) { expect_agreement({300, 6, 2, 40, 50, 7}, 60); }

struct known_fault { fault f; const char* name; };
void PrintTo(const known_fault& k, std::ostream* out) { *out << k.name; }

class random_programs_notice : public testing::TestWithParam<known_fault> {};

TEST_P(random_programs_notice, a_faulty_edge) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    random_program p(seed, {300, 4, 1, 32, 60, 0}, GetParam().f);
    if (!p.run().empty()) return;
  }
  FAIL() << "2000 programs and no difference";
}

#define RAVEL_FAULT(f) known_fault{fault::f, #f}
INSTANTIATE_TEST_SUITE_P(
    edges, random_programs_notice,
    testing::Values(RAVEL_FAULT(go), RAVEL_FAULT(chan_send), RAVEL_FAULT(chan_receive), RAVEL_FAULT(rendezvous), RAVEL_FAULT(close),
                    RAVEL_FAULT(mutex), RAVEL_FAULT(reader_to_writer), RAVEL_FAULT(writer_to_reader), RAVEL_FAULT(wait_group), RAVEL_FAULT(once),
                    RAVEL_FAULT(cond), RAVEL_FAULT(timer), RAVEL_FAULT(atomic_order), RAVEL_FAULT(failed_exchange_order), RAVEL_FAULT(fence),
                    RAVEL_FAULT(annotation), RAVEL_FAULT(stack_reuse), RAVEL_FAULT(allocation), RAVEL_FAULT(reader_to_reader),
                    RAVEL_FAULT(sleeping_orders)),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace ravel::test
