#include "tests/programs/driver/table.hpp"

#include <cstdio>
#include <map>

namespace programs {

namespace {

struct counts {
  int cases = 0, missed = 0, false_alarms = 0, bad_reports = 0, wrong_ends = 0, known = 0;

  counts& operator+=(const counts& o) {
    cases += o.cases;
    missed += o.missed;
    false_alarms += o.false_alarms;
    bad_reports += o.bad_reports;
    wrong_ends += o.wrong_ends;
    known += o.known;
    return *this;
  }
};
std::map<std::string, counts> rows;

void print_row(const std::string& topic, const counts& c) {
  std::printf("%-24s %6d %7d %13d %12d %10d %14d\n", topic.c_str(), c.cases, c.missed, c.false_alarms, c.bad_reports, c.wrong_ends, c.known);
}

}  // namespace

void count_case(const std::string& topic, verdict_kind kind, bool known_to_fail) {
  counts& c = rows[topic];
  ++c.cases;
  if (known_to_fail) {
    ++c.known;
    return;
  }
  c.missed += kind == verdict_kind::missed;
  c.false_alarms += kind == verdict_kind::false_alarm;
  c.bad_reports += kind == verdict_kind::bad_report;
  c.wrong_ends += kind == verdict_kind::wrong_end;
}

void print_table(int runs_each) {
  std::printf("%-24s %6s %7s %13s %12s %10s %14s   (%d runs each)\n", "programs", "cases", "missed", "false alarms", "bad reports", "wrong ends",
              "known failing", runs_each);
  counts all;
  for (const auto& [topic, c] : rows) {
    print_row(topic, c);
    all += c;
  }
  if (rows.size() > 1) print_row("all", all);
  std::fflush(stdout);
}

}  // namespace programs
