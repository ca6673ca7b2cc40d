// The JSON of reports: golden files, and that it is JSON whatever is in the names.

#include "detector/report/print_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/report/samples.hpp"
#include "tests/support/golden.hpp"

namespace {

using namespace ravel::detector::report;
using namespace ravel::test;
using nlohmann::json;

TEST(print_json, whole_report) {
  finding f = bank_race();
  f.data_race.current.at[0].file = f.data_race.previous.at[0].file = "/src/bank.cpp";
  f.data_race.current.at[1] = without_source("main::{lambda#1}()", "/bin/bank", 0x4321);
  f.data_race.previous.at[1].file = "/src/bank.cpp";
  f.data_race.current.by.created_at[0].file = f.data_race.where.allocated_at[0].file = "/src/bank.cpp";
  f.data_race.current.locks = {{0x7f0000002000, true, "rw_mutex", {{"main()", "/src/bank.cpp", 11, 3, "", 0}}}};
  expect_golden("report.json", json::parse(print_json(f)).dump(2) + "\n");
}

TEST(print_json, is_one_line) { EXPECT_EQ(print_json(bank_race()).find('\n'), std::string::npos); }

TEST(print_json, names_every_kind) {
  const char* accesses[] = {"read", "write", "atomic_read", "atomic_write", "free", "channel_send", "channel_close", "wait_group_add", "wait_group_wait"};
  for (std::size_t i = 0; i < std::size(accesses); ++i) {
    finding f = bank_race();
    f.data_race.current.kind = static_cast<access_kind>(i);
    EXPECT_EQ(json::parse(print_json(f))["current"]["kind"], accesses[i]);
  }
  const char* locations[] = {"unknown", "heap", "global", "stack", "channel", "wait_group"};
  for (std::size_t i = 0; i < std::size(locations); ++i) {
    finding f = bank_race();
    f.data_race.where.kind = static_cast<location_kind>(i);
    EXPECT_EQ(json::parse(print_json(f))["location"]["kind"], locations[i]);
  }
}

TEST(print_json, survives_what_names_may_contain) {
  finding f = bank_race();
  f.program = "a \"quoted\"\nprogram\\";
  f.data_race.current.variable = "bytes \xff\xfe of no encoding";
  const json o = json::parse(print_json(f));
  EXPECT_EQ(o["program"], f.program);
  EXPECT_EQ(o["current"]["variable"], "bytes \xEF\xBF\xBD\xEF\xBF\xBD of no encoding");
}

TEST(print_json, keeps_64_bits_of_an_address) {
  finding f = bank_race();
  f.data_race.current.address = 0xffffffffffffffff;
  EXPECT_EQ(json::parse(print_json(f))["current"]["address"], "0xffffffffffffffff");
}

}  // namespace
