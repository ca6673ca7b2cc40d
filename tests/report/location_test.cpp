// Where a race lies, in whole programs: what the detector must find out by itself, by looking at stacks and heap.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/command.hpp"

namespace {

using ravel::test::outcome;
using ravel::test::scratch_folder;

// Both goroutines add to a variable of a function that waits for them.
constexpr const char* program = R"(#include <ravel/ravel.hpp>
[[gnu::noinline]] int add_up() {
  int sum = 0;
  ravel::wait_group finished;
  for (int i = 0; i < 2; ++i) finished.go([&sum] { sum += 1; });
  finished.wait();
  return sum;
}
int main() { return add_up() == 0; }
)";

TEST(location, of_a_stack_variable_is_its_function_frame) {
  scratch_folder folder;
  folder.write("racy.cpp", program);
  for (const char* level : {"-O0", "-O2"}) {
    const outcome built = folder.run(std::string(RAVELXX " -race racy.cpp -o racy ") + level);
    ASSERT_EQ(built.status, 0) << built.err;
    const outcome o = folder.run("RAVEL_MAXPROCS=1 RAVEL_OPTIONS=log_format=json ./racy");
    EXPECT_EQ(o.status, 66);
    const auto where = nlohmann::json::parse(o.err)["location"];
    EXPECT_EQ(where["kind"], "stack") << level;
    EXPECT_EQ(where["goroutine"], 1) << level;
    EXPECT_EQ(where["name"], "add_up()") << level;
    EXPECT_LT(where["offset"], where["size"]) << level;
  }
}

}  // namespace
