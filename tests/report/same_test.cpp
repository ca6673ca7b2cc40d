// A finding is known by the same fingerprint whether it is read as data (SARIF) or from a program's words (baselines of `ravel test`).

#include "detector/report/same.hpp"

#include <gtest/gtest.h>

#include "detector/report/print_text.hpp"
#include "detector/report/source_text.hpp"
#include "tests/report/samples.hpp"
#include "tools/test/findings.hpp"

namespace {

using namespace ravel::detector::report;
using namespace ravel::test;

void expect_one_fingerprint(const finding& f) {
  source_text sources;
  const std::string words = print_text(f, {}, sources);
  const auto read = ravel::tools::findings_in(words, "any.test", 66);
  ASSERT_EQ(read.size(), 1u) << words;
  EXPECT_EQ(read[0].fingerprint, fingerprint_of(f)) << words;
}

TEST(fingerprint, is_the_same_of_data_and_of_words) {
  for (const finding& f : {bank_race(), two_locks_deadlock(), explored_race(), explored_deadlock()}) expect_one_fingerprint(f);
  finding f = bank_race();
  f.data_race.current.at = {in_library("std::vector<int>::push_back(int)", 12), in_bank("deposit(int)", 5, 3)};
  f.data_race.previous.at = {without_source("hidden", "/opt/lib/libhidden.so", 0x4711)};
  expect_one_fingerprint(f);
  f.data_race.previous.at.clear();
  expect_one_fingerprint(f);
  f = two_locks_deadlock();
  f.kind = finding_kind::leak;
  f.wrong.id = "L3";
  expect_one_fingerprint(f);
}

TEST(fingerprint, is_another_of_another_place_or_kind) {
  const std::string race = fingerprint_of(bank_race());
  finding f = bank_race();
  f.data_race.current.at = {in_bank("withdraw(int)", 5, 3)};
  EXPECT_NE(fingerprint_of(f), race);
  f = two_locks_deadlock();
  const std::string deadlock = fingerprint_of(f);
  f.kind = finding_kind::lock_order;
  EXPECT_NE(fingerprint_of(f), deadlock);
  EXPECT_NE(race, deadlock);
}

}  // namespace
