#include "tools/vet/printers.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/golden.hpp"

namespace {

using namespace ravel::tools::vet;
using ravel::test::expect_golden;

std::vector<finding> examples() {
  return {{"dangling-capture",
           {"/src/a b.cpp", 12, 4, "\tgo([&n] { ++n; });"},
           "the goroutine refers to 'n'",
           {{{"/src/a b.cpp", 11, 7, "  int n = 0;"}, "declared here"}},
           {{"/src/a b.cpp", 120, 1, ""}}},
          {"lost-cancel", {"/elsewhere/x.hpp", 3, 1, ""}, "'cancel' is never used", {}, {}}};
}

TEST(vet_printers, text) { expect_golden("vet.txt", print_text(examples())); }
TEST(vet_printers, json) { expect_golden("vet.json", print_json(examples())); }
TEST(vet_printers, sarif) {
  constexpr rule rules[] = {{"dangling-capture", "first"}, {"lost-cancel", "second"}};
  expect_golden("vet.sarif", print_sarif(examples(), rules, "/src"));
}

TEST(vet_printers, say_nothing_in_text_and_an_empty_list_elsewhere) {
  EXPECT_EQ(print_text({}), "");
  EXPECT_EQ(nlohmann::json::parse(print_json({}))["findings"].size(), 0u);
  EXPECT_EQ(nlohmann::json::parse(print_sarif({}, {}, "/src"))["runs"][0]["results"].size(), 0u);
}

// A source need not be UTF-8.
TEST(vet_printers, survive_bytes_of_any_kind) {
  const std::vector<finding> latin{{"lost-cancel", {"x.cpp", 1, 1, "// \xfc"}, "\xfc", {}, {}}};
  EXPECT_TRUE(nlohmann::json::accept(print_json(latin)));
  EXPECT_TRUE(nlohmann::json::accept(print_sarif(latin, {}, "/src")));
}

}  // namespace
