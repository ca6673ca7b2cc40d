// Each file of data/ holds programs with `// expect: CHECK` on the lines where that check must fire, and near misses where none may. What
// is found is compared exactly.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/support/command.hpp"

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using namespace ravel::test;

using lines = std::multiset<std::string>;  // "14 dangling-capture"

std::vector<std::string> data_files() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(VET_DATA)) names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

lines expected_in(const std::string& file) {
  lines expected;
  std::ifstream in(file);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    constexpr std::string_view word = "// expect: ";
    const std::size_t at = line.find(word);
    if (at != std::string::npos) expected.insert(std::to_string(number) + " " + line.substr(at + word.size()));
  }
  return expected;
}

lines found_in(const std::string& file, const std::string& options = "") {
  const scratch_folder folder;
  const outcome o = folder.run(RAVEL " vet --format=json " + options + " " + file);
  EXPECT_EQ(o.err, "");
  lines found;
  if (o.err.empty()) {
    const json report = json::parse(o.out);
    for (const json& f : report["findings"]) found.insert(std::to_string(f["line"].get<int>()) + " " + f["check"].get<std::string>());
  }
  EXPECT_EQ(o.status, found.empty() ? 0 : 1);
  return found;
}

class vet_data : public testing::TestWithParam<std::string> {};

TEST_P(vet_data, is_found_exactly) {
  const std::string file = VET_DATA "/" + GetParam() + ".cpp";
  const lines expected = expected_in(file);
  EXPECT_FALSE(expected.empty()) << "a file without a firing program proves nothing";
  EXPECT_EQ(found_in(file), expected);
}

INSTANTIATE_TEST_SUITE_P(data, vet_data, testing::ValuesIn(data_files()), [](const auto& info) { return info.param; });

TEST(vet_checks, each_has_a_file_of_its_name) {
  const scratch_folder folder;
  std::istringstream list(folder.run(RAVEL " vet --list").out);
  int checks = 0;
  for (std::string line; std::getline(list, line); ++checks) {
    const std::string name = line.substr(0, line.find(' '));
    std::string file = name;
    std::replace(file.begin(), file.end(), '-', '_');
    bool fires = false;
    for (const std::string& e : expected_in(VET_DATA "/" + file + ".cpp")) fires = fires || e.ends_with(" " + name);
    EXPECT_TRUE(fires) << name;
  }
  EXPECT_EQ(checks, 17);
}

TEST(vet_checks, are_chosen_by_name) {
  const std::string file = VET_DATA "/dangling_capture.cpp";
  EXPECT_EQ(found_in(file, "--checks=lost-cancel,missing-wait"), lines{});
  EXPECT_EQ(found_in(file, "--checks=-dangling-capture"), lines{});
  EXPECT_EQ(found_in(file, "--checks=dangling-capture"), expected_in(file));
}

// Slow: run by the target vet_everything.
TEST(vet_checks, DISABLED_every_program_that_has_no_race) {
  const scratch_folder folder;
  const std::string programs = VET_DATA "/../../programs";
  for (const auto& entry : fs::directory_iterator(programs)) {
    if (entry.path().extension() != ".cpp") continue;
    std::vector<std::string> case_of_line{""};
    std::ifstream in(entry.path());
    std::string name;
    for (std::string line; std::getline(in, line); case_of_line.push_back(name)) {
      if (line.starts_with("RAVEL_PROGRAM(")) name = line.substr(14, line.find(')') - 14);
    }
    const outcome o = folder.run(RAVEL " vet --format=json " + entry.path().string() + " -- -std=c++20 -mavx2 -mcx16");
    ASSERT_EQ(o.err, "");
    for (const json& f : json::parse(o.out)["findings"]) {
      const std::string& where = case_of_line.at(f["line"].get<std::size_t>());
      EXPECT_FALSE(where.starts_with("norace_")) << where << ": " << f.dump();
    }
  }
}

}  // namespace
