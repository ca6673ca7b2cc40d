// Finds each bug of each kernel under default exploration, with its cause, and nothing in the repaired twins. `--table [ID]` prints README.md's table.
// RAVEL_GOKER_TWINS: how many schedules of each twin; 100 unless set.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "kernel.hpp"

namespace {

using goker::kernel;

constexpr std::uint64_t seeds = 5;
constexpr std::uint64_t most_schedules = 1000;

std::vector<const kernel*> kernels() {
  std::vector<const kernel*> all;
  for (const kernel* k = goker::first_kernel; k != nullptr; k = k->next) all.push_back(k);
  std::sort(all.begin(), all.end(), [](const kernel* a, const kernel* b) { return std::strcmp(a->id, b->id) < 0; });
  return all;
}

std::vector<std::string> parts(const std::string& text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('|', at), text.size());
    all.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

ravel::explore::result explore_bug(const kernel& k, std::uint64_t seed, bool shrink) {
  return ravel::explore::run([&k] { k.body(false); }, {.schedules = most_schedules, .seed = seed, .shrink = shrink});
}

// "" or what is wrong with the finding.
std::string judge(const kernel& k, const ravel::explore::result& r) {
  if (r.failures.empty()) return "not found; " + r.verdict;
  const ravel::explore::failure& f = r.failures.front();
  // Locks taken in two orders are told from the orders, unless the schedule hung before the second was seen.
  const bool hangs = k.kind == goker::kind::lock_order && (f.kind == goker::kind::deadlock || f.kind == goker::kind::leak);
  if (f.kind != k.kind && !hangs) return std::string("the kind is ") + name_of(f.kind) + ", not " + name_of(k.kind) + "\n" + f.report;
  bool cause = false;
  for (const std::string& c : parts(k.cause)) cause = cause || f.message.find(c) != std::string::npos;
  if (!cause) return "the cause is '" + f.message + "', not " + k.cause + "\n" + f.report;
  for (const std::string& name : parts(k.named)) {
    if (f.report.find(name) == std::string::npos && f.message.find(name) == std::string::npos) return "'" + name + "' is not named\n" + f.report;
  }
  return "";
}

class goker_kernels : public testing::TestWithParam<const kernel*> {};

TEST_P(goker_kernels, is_found_with_its_cause) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) ASSERT_EQ(judge(*GetParam(), explore_bug(*GetParam(), seed, false)), "") << "seed " << seed;
}

TEST_P(goker_kernels, twin_is_silent) {
  const char* wanted = std::getenv("RAVEL_GOKER_TWINS");
  const std::uint64_t schedules = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 100;
  const auto r = ravel::explore::run([] { GetParam()->body(true); }, {.schedules = schedules});
  EXPECT_EQ(r.schedules, schedules);
  if (!r.failures.empty()) ADD_FAILURE() << r.failures[0].message << "\n" << r.failures[0].report;
}

std::string name_of_case(const testing::TestParamInfo<const kernel*>& p) {
  std::string name = p.param->id;
  for (char& c : name) if (c == '/') c = '_';
  return name;
}
INSTANTIATE_TEST_SUITE_P(all, goker_kernels, testing::ValuesIn(kernels()), name_of_case);

TEST(goker, has_all_kernels) { EXPECT_EQ(kernels().size(), 52u); }

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Seconds are the longest of the searches, each with the settings that a user has who sets none: the failure is also shrunk.
int print_table(const char* only) {
  std::printf("| kernel | kind | cause | schedules, mean of %d seeds | most | seconds, at most |\n|---|---|---|--:|--:|--:|\n", static_cast<int>(seeds));
  double sum = 0, longest = 0;
  std::size_t found = 0;
  std::vector<const kernel*> all_kernels = kernels();
  if (only != nullptr) std::erase_if(all_kernels, [only](const kernel* k) { return std::strcmp(k->id, only) != 0; });
  if (all_kernels.empty()) {
    std::fprintf(stderr, "goker_test: no kernel %s; ids are those of README.md, as moby/28462\n", only);
    return 2;
  }
  for (const kernel* k : all_kernels) {
    std::uint64_t total = 0, most = 0;
    bool all = true;
    double slowest = 0;
    std::string cause;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const double before = seconds();
      const auto r = explore_bug(*k, seed, true);
      slowest = std::max(slowest, seconds() - before);
      total += r.schedules;
      most = std::max(most, r.schedules);
      all = all && judge(*k, r).empty();
      if (!r.failures.empty()) cause = r.failures[0].message;
    }
    const double mean = static_cast<double>(total) / seeds;
    sum += mean;
    longest = std::max(longest, slowest);
    found += all;
    if (const std::size_t line = cause.rfind('\n'); line != std::string::npos) cause = cause.substr(line + 1);
    std::printf("| %s | %s | %s | %.1f | %llu | %.2f |\n", k->id, name_of(k->kind), all ? cause.c_str() : "NOT FOUND", mean,
                static_cast<unsigned long long>(most), slowest);
  }
  std::printf("\nfound %zu of %zu, mean %.1f schedules; the longest search took %.2f seconds\n", found, all_kernels.size(),
              sum / static_cast<double>(all_kernels.size()), longest);
  return found == all_kernels.size() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc >= 2 && std::strcmp(argv[1], "--table") == 0) return print_table(argc == 3 ? argv[2] : nullptr);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
