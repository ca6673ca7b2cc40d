// The printers for other programs: golden files, and what must hold of any report.

#include "detector/report/formats/formats.hpp"
#include "detector/report/formats/known_order.hpp"
#include "detector/report/formats/paths.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/report/samples.hpp"
#include "tests/support/golden.hpp"

namespace {

using namespace ravel::detector::report;
using namespace ravel::test;
using nlohmann::json;

const std::string root = RAVEL_SOURCE_DIR;

report_file two_findings() { return {{"./bank"}, {bank_race(), two_locks_deadlock()}, {}, ""}; }

report_file many(std::size_t n) {
  report_file file;
  for (std::size_t i = 0; i < n; ++i) file.findings.push_back(bank_race());
  return file;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

std::string fingerprint(const report_file& file, std::size_t i, const std::string& below = root) {
  return json::parse(print_sarif(file, below))["runs"][0]["results"][i]["partialFingerprints"]["ravelPlaces/v2"];
}

TEST(sarif, whole_report) { expect_golden("report.sarif", print_sarif(two_findings(), root)); }

TEST(sarif, fingerprints_outlive_a_run_and_an_edit_elsewhere) {
  report_file other = two_findings();
  race& r = other.findings[0].data_race;
  r.current.address = r.previous.address = 4096;
  for (stack* s : {&r.current.at, &r.previous.at}) {
    for (frame& f : *s) f.line += 7;
  }
  std::swap(r.current, r.previous);
  EXPECT_EQ(fingerprint(other, 0), fingerprint(two_findings(), 0));
  r.current.at.front().function = "audit()";
  EXPECT_NE(fingerprint(other, 0), fingerprint(two_findings(), 0));
  EXPECT_NE(fingerprint(other, 0), fingerprint(other, 1));
}

TEST(sarif, fingerprints_do_not_depend_on_where_the_repository_is) {
  report_file there = two_findings();
  for (finding& f : there.findings) {
    for (stack* s : {&f.data_race.current.at, &f.data_race.previous.at}) {
      for (frame& each : *s) each.file.replace(0, root.size(), "/builds/42/ravel");
    }
  }
  EXPECT_EQ(fingerprint(there, 0, "/builds/42/ravel"), fingerprint(two_findings(), 0));
}

TEST(sarif, equal_fingerprints_are_numbered) {
  const report_file twice = many(2);
  EXPECT_TRUE(fingerprint(twice, 0).ends_with(":1"));
  EXPECT_EQ(fingerprint(twice, 1), fingerprint(twice, 0).substr(0, 17) + "2");
}

TEST(sarif, each_access_is_a_thread_flow_from_the_outermost_frame_inwards) {
  const json flows = json::parse(print_sarif(two_findings(), root))["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"];
  ASSERT_EQ(flows.size(), 2u);
  EXPECT_EQ(flows[0]["locations"].back()["location"]["physicalLocation"]["artifactLocation"]["uri"], "tests/report/sources/bank.cpp");
  EXPECT_EQ(flows[0]["locations"].back()["location"]["physicalLocation"]["region"]["startLine"], 5);
  EXPECT_EQ(flows[0]["locations"].back()["importance"], "essential");
  EXPECT_EQ(flows[0]["locations"].front()["importance"], "unimportant");
}

TEST(sarif, paths_outside_the_repository_are_uris) {
  report_file file = many(1);
  file.findings[0].data_race.current.at[0].file = "/usr/share/a b%c/\xc3\xa9.cpp";
  const json at = json::parse(print_sarif(file, root))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
  EXPECT_EQ(at["uri"], "file:///usr/share/a%20b%25c/%C3%A9.cpp");
  EXPECT_FALSE(at.contains("uriBaseId"));
}

// ravel vet's printer uses them too.
TEST(paths, are_uris_by_rfc_3986) {
  EXPECT_EQ(as_uri("src/a-b_c.d~e/x(1)+2.cpp"), "src/a-b_c.d~e/x(1)+2.cpp");
  EXPECT_EQ(as_uri("/a b#c?d[e]:f%g\"<>|^`{}\\"), "file:///a%20b%23c%3Fd%5Be%5D%3Af%25g%22%3C%3E%7C%5E%60%7B%7D%5C");
  EXPECT_EQ(below("/src", "/src/../src/./a.cpp"), "a.cpp");
  EXPECT_EQ(below("/src", "/srcs/a.cpp"), "/srcs/a.cpp");
}

TEST(junit, whole_report) {
  source_text sources;
  expect_golden("report.junit.xml", print_junit(two_findings(), root, sources));
}

TEST(junit, nothing_found_is_a_passed_case) {
  source_text sources;
  const std::string text = print_junit({}, root, sources);
  EXPECT_EQ(count(text, "tests=\"1\" failures=\"0\""), 2u) << text;
  EXPECT_EQ(count(text, "<testcase"), 1u);
  EXPECT_EQ(count(text, "<failure"), 0u);
}

TEST(junit, is_xml_whatever_is_in_the_names) {
  report_file file = many(1);
  file.findings[0].data_race.current.variable = "a<b>&\"c\"\x01\xff\n]]>\xed\xa0\x80\xef\xbf\xbf\xe2\x82\xac";
  source_text sources;
  const std::string text = print_junit(file, root, sources);
  const std::string replaced = "\xEF\xBF\xBD";
  EXPECT_EQ(count(text, "a&lt;b&gt;&amp;&quot;c&quot;" + replaced + replaced + "&#10;]]&gt;" + replaced + replaced + replaced + replaced + replaced + replaced + "\xe2\x82\xac"), 2u) << text;
}

TEST(github, whole_report) { expect_golden("report.github.txt", print_github(two_findings(), root)); }

TEST(github, at_most_ten_and_the_rest_is_counted) {
  EXPECT_EQ(count(print_github(many(10), root), "::error "), 10u);
  EXPECT_EQ(count(print_github(many(10), root), "::notice "), 0u);
  EXPECT_EQ(count(print_github(many(11), root), "::error "), 10u);
  EXPECT_EQ(count(print_github(many(11), root), "::notice title=Ravel::1 more finding is not annotated"), 1u);
  EXPECT_EQ(count(print_github(many(25), root), "::notice title=Ravel::15 more findings are not annotated"), 1u);
  EXPECT_EQ(print_github({}, root), "");
}

TEST(github, properties_and_messages_are_escaped) {
  report_file file = many(1);
  file.findings[0].data_race.current.at[0].file = "/odd:name,100%.cpp";
  file.findings[0].data_race.why_unordered = "line 1\nline 2 at 100%";
  const std::string text = print_github(file, root);
  EXPECT_EQ(text.find("::error file=/odd%3Aname%2C100%25.cpp,line=5,col=13,title=Ravel%3A data race on a.balance::"), 0u) << text;
  EXPECT_EQ(count(text, "Line 1%0Aline 2 at 100%25\n"), 1u) << text;
}

report_file with_schedule() { return {{}, {bank_race(), explored_race()}, {}, ""}; }

TEST(perfetto, whole_schedule) { expect_golden("report.perfetto.json", print_perfetto(with_schedule())); }

TEST(perfetto, flows_come_in_pairs_that_lead_forwards) {
  std::map<int, std::pair<double, double>> flows;
  const json trace = json::parse(print_perfetto(with_schedule()));
  for (const json& e : trace["traceEvents"]) {
    if (e["ph"] == "s") flows[e["id"]].first = e["ts"];
    if (e["ph"] == "f") flows[e["id"]].second = e["ts"];
  }
  EXPECT_EQ(flows.size(), 4u) << "spawn, channel, wake, mutex";
  for (const auto& [id, times] : flows) EXPECT_LT(times.first, times.second) << id;
}

TEST(shiviz, whole_schedule) { expect_golden("report.shiviz.txt", print_shiviz(with_schedule())); }

TEST(schedules, there_is_none_to_draw_where_nothing_was_found) {
  EXPECT_THROW(print_perfetto({}), not_in_report);
  EXPECT_THROW(print_shiviz({}), not_in_report);
}

// Main reads under a shared lock after it has sent; goroutine 7 heard of the send and of nothing since.
finding race_of_a_parallel_run() {
  finding f = bank_race();
  f.data_race.last_known = {"sent on a channel", {in_bank("main()", 10, 5)}};
  f.data_race.previous.locks = {{0x7f0000002000, true, "rw_mutex", {in_bank("main()", 11, 3)}}};
  return f;
}

TEST(shiviz, a_parallel_run_is_what_is_known_of_its_order) {
  EXPECT_EQ(print_shiviz({{}, {race_of_a_parallel_run()}, {}, ""}),
            "goroutine-1 {\"goroutine-1\":1}\nspawn at bank.cpp:10\n"
            "goroutine-1 {\"goroutine-1\":2}\nsent on a channel at bank.cpp:10\n"
            "goroutine-1 {\"goroutine-1\":3}\nrw_rlock rw_mutex 1 at bank.cpp:11\n"
            "goroutine-1 {\"goroutine-1\":4}\nread of a.balance at bank.cpp:5\n"
            "goroutine-7 {\"goroutine-1\":2,\"goroutine-7\":1}\nwrite of a.balance at bank.cpp:5\n");
}

TEST(perfetto, a_parallel_run_is_what_is_known_of_its_order) {
  std::map<std::string, int> phases;
  const json trace = json::parse(print_perfetto({{}, {two_locks_deadlock()}, {}, ""}));
  for (const json& e : trace["traceEvents"]) ++phases[e["ph"]];
  EXPECT_EQ(phases["X"], 5) << "a start, a lock each, and what each waits for";
  EXPECT_EQ(phases["s"], 1);
  EXPECT_EQ(phases["f"], 1);
}

// What the two viewers refuse or draw wrong.
TEST(perfetto, slices_do_not_overlap_and_flows_begin_and_end_in_one) {
  for (const finding& f : {explored_race(), explored_deadlock(), race_of_a_parallel_run(), two_locks_deadlock()}) {
    const json trace = json::parse(print_perfetto({{}, {f}, {}, ""}));
    std::map<int, std::map<int, int>> slices;  // of each thread: from, to
    for (const json& e : trace["traceEvents"]) {
      if (e["ph"] != "X") continue;
      EXPECT_TRUE(slices[e["tid"]].emplace(e["ts"], e["ts"].get<int>() + e["dur"].get<int>()).second) << e;
    }
    for (const auto& [thread, of] : slices) {
      int free_from = 0;
      for (const auto& [from, to] : of) {
        EXPECT_GE(from, free_from);
        free_from = to;
      }
    }
    for (const json& e : trace["traceEvents"]) {
      if (e["ph"] != "s" && e["ph"] != "f") continue;
      EXPECT_TRUE(slices[e["tid"]].contains(e["ts"])) << e;
    }
  }
}

// Google, "Trace Event Format": what each kind of event must have, and what may stand in it.
TEST(perfetto, each_event_has_what_the_format_asks_of_its_kind) {
  for (const finding& f : {explored_race(), explored_deadlock(), race_of_a_parallel_run(), two_locks_deadlock()}) {
    const json trace = json::parse(print_perfetto({{}, {f}, {}, ""}));
    EXPECT_TRUE(trace["displayTimeUnit"] == "ns" || trace["displayTimeUnit"] == "ms");
    std::map<std::string, std::string> open;   // flows by category, name and id, which is what binds them: the thread they began in
    for (const json& e : trace["traceEvents"]) {
      for (const char* field : {"ph", "name", "pid", "tid"}) ASSERT_TRUE(e.contains(field)) << field << " is missing in " << e;
      ASSERT_TRUE(e["pid"].is_number_integer() && e["tid"].is_number_integer() && e["name"].is_string()) << e;
      const std::string phase = e["ph"];
      if (phase == "M") {
        EXPECT_TRUE((e["name"] == "thread_name" && e["args"]["name"].is_string()) || (e["name"] == "thread_sort_index" && e["args"]["sort_index"].is_number_integer())) << e;
        continue;
      }
      ASSERT_TRUE(e.contains("ts") && e["ts"].is_number() && e["ts"] >= 0) << e;
      ASSERT_TRUE(e["cat"].is_string()) << e;
      const std::string flow = e["cat"].get<std::string>() + "|" + e["name"].get<std::string>() + "|" + (e.contains("id") ? e["id"].dump() : "");
      if (phase == "X") EXPECT_GT(e["dur"], 0) << e;
      else if (phase == "i") EXPECT_TRUE(e["s"] == "t" || e["s"] == "p" || e["s"] == "g") << e;
      else if (phase == "s") EXPECT_TRUE(open.emplace(flow, e["tid"].dump()).second) << e;
      else if (phase == "f") {
        EXPECT_EQ(e["bp"], "e") << e;
        ASSERT_TRUE(open.contains(flow)) << e;
        EXPECT_NE(open[flow], "ended") << e;
        open[flow] = "ended";
      } else ADD_FAILURE() << "no such phase: " << e;
    }
    EXPECT_FALSE(open.empty());
    for (const auto& [flow, thread] : open) EXPECT_EQ(thread, "ended") << flow;
  }
}

TEST(shiviz, names_with_blanks_braces_and_lines_do_not_break_its_parser) {
  finding f = explored_race();
  f.happened.goroutines[0].name = "a\tb {c}\nd";
  f.happened.steps[0].at.file = "odd\nname.cpp";
  f.happened.steps[0].at.line = 3;
  std::istringstream log(print_shiviz({{}, {f}, {}, ""}));
  const std::regex event("(\\S*) (\\{.*\\})");
  std::string clock, says;
  int events = 0;
  for (; std::getline(log, clock) && std::getline(log, says); ++events) EXPECT_TRUE(std::regex_match(clock, event)) << clock;
  EXPECT_EQ(events, count(print_shiviz({{}, {explored_race()}, {}, ""}), "\n") / 2);
}

TEST(shiviz, each_entry_of_a_clock_is_an_event_that_was) {
  const std::regex event("(\\S*) (\\{.*\\})");  // the parser that ShiViz itself offers first: (?<host>\S*) (?<clock>{.*})\n(?<event>.*)
  for (const finding& f : {explored_race(), explored_deadlock(), race_of_a_parallel_run(), two_locks_deadlock()}) {
    std::istringstream log(print_shiviz({{}, {f}, {}, ""}));
    std::map<std::string, int> events;
    std::string clock, says;
    while (std::getline(log, clock) && std::getline(log, says)) {
      std::smatch parts;
      ASSERT_TRUE(std::regex_match(clock, parts, event)) << clock;
      ++events[parts[1]];
      const json entries = json::parse(parts[2].str());
      EXPECT_EQ(entries[parts[1].str()], events[parts[1]]) << clock;
      for (const auto& [host, time] : entries.items()) EXPECT_LE(time.get<int>(), events[host]) << clock;
      EXPECT_NE(says, "");
    }
    EXPECT_GE(events.size(), 2u);
  }
}

TEST(known_order, creators_come_first_whatever_their_numbers) {
  finding f = bank_race();
  f.data_race.current.by.created_by = 9;
  f.data_race.previous.by = {9, "", true, 12, {in_bank("main()", 9, 3)}};
  const schedule h = known_order_of(f);
  ASSERT_EQ(h.goroutines.size(), 3u) << "12 is in no access, and has a column";
  std::vector<std::uint64_t> starts;
  for (const schedule_step& s : h.steps) {
    if (s.is == schedule_step::type::created) starts.push_back(h.goroutines[s.goroutine - 1].id);
  }
  EXPECT_EQ(starts, (std::vector<std::uint64_t>{9, 7}));
  EXPECT_EQ(h.steps[h.previous_at - 1].operation, "read of a.balance");
  EXPECT_EQ(h.steps[h.current_at - 1].operation, "write of a.balance");
}

TEST(known_order, a_circle_of_creators_in_a_damaged_file_ends) {
  finding f = bank_race();
  f.data_race.previous.by.created_by = 7;
  EXPECT_EQ(known_order_of(f).goroutines.size(), 2u);
}

TEST(html, is_one_file_that_asks_for_nothing) {
  source_text sources;
  const std::string page = print_html(two_findings(), root, sources);
  for (const char* outside : {"src=", "href=", "url(http", "@import", "fetch(", "XMLHttpRequest"}) EXPECT_EQ(count(page, outside), 0u) << outside;
  EXPECT_EQ(count(page, "@DATA@") + count(page, "@STYLE@") + count(page, "@SCRIPT@"), 0u);
}

TEST(html, names_cannot_leave_the_data) {
  report_file file = many(1);
  file.findings[0].data_race.current.variable = "x</script><script>alert(1)</script><!--@SCRIPT@";
  source_text sources;
  const std::string page = print_html(file, root, sources);
  EXPECT_EQ(count(page, "<script>alert"), 0u);
  EXPECT_EQ(count(page, "<!--"), 0u);
  EXPECT_EQ(count(page, "</script>"), 2u);
}

}  // namespace
