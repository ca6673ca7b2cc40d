#include "tests/programs/driver/judge.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "tests/programs/driver/marked_lines.hpp"

namespace programs {

namespace {

using nlohmann::json;

constexpr int race_status = 66;
constexpr int fatal_status = 2;

std::vector<json> reports_in(const std::string& output) {
  std::vector<json> reports;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("{\"ravel_report\"")) reports.push_back(json::parse(line));
  }
  return reports;
}

void describe(std::ostream& out, const char* which, const json& access) {
  out << "  " << which << ": " << access.at("kind").get<std::string>() << " of " << access.at("size") << " bytes by goroutine "
      << access.at("goroutine").at("id") << ", variable '" << access.at("variable").get<std::string>() << "'\n";
  for (const json& f : access.at("stack")) {
    out << "      " << f.at("function").get<std::string>() << "\n          " << f.at("file").get<std::string>() << ":" << f.at("line") << "\n";
  }
}

std::string describe(const std::vector<json>& reports) {
  std::ostringstream out;
  for (const json& r : reports) {
    out << "report: " << r.at("kind").get<std::string>() << "\n";
    if (r.contains("title")) out << "  " << r.at("id").get<std::string>() << ": " << r.at("title").get<std::string>() << "\n  " << r.at("why").get<std::string>() << "\n";
    if (!r.contains("current")) continue;
    describe(out, "current", r.at("current"));
    describe(out, "previous", r.at("previous"));
  }
  return out.str();
}

// Line of the innermost frame in the case's own source file; 0: none.
int user_line(const json& access, const std::string& source) {
  for (const json& f : access.at("stack")) {
    if (f.at("file") == source) return f.at("line").get<int>();
  }
  return 0;
}

std::string misplaced(const json& access, const case_name& c, const marked_lines& marked) {
  if (access.at("stack").empty()) return "an access has no stack";
  const int line = user_line(access, c.source);
  if (line == 0) return "a stack has no frame in " + c.source;
  if (!marked.contains(line)) return "an access stands on line " + std::to_string(line) + ", which does not end with '// races'";
  return {};
}

verdict judge_race(const case_name& c, const outcome& o, const std::vector<json>& reports) {
  std::vector<json> races;
  for (const json& r : reports) {
    if (r.at("kind") == "data_race") races.push_back(r);
  }
  if (races.empty()) return {verdict_kind::missed, "no race was reported; " + o.describe_end() + "\n" + o.err};
  const marked_lines marked = find_marked_lines(c.source, c.line);
  if (marked.empty()) return {verdict_kind::bad_report, "the case has no line that ends with '// races'\n" + describe(races)};
  for (const json& r : races) {
    for (const char* which : {"current", "previous"}) {
      const std::string wrong = misplaced(r.at(which), c, marked);
      if (!wrong.empty()) return {verdict_kind::bad_report, wrong + "\n" + describe({r})};
    }
  }
  if (o.status != race_status) return {verdict_kind::wrong_end, o.describe_end() + " after a reported race\n" + o.err};
  return {};
}

// A report about the case's own source, with the id that the name promises, and none about anything else.
verdict judge_misuse(const case_name& c, const std::vector<json>& reports) {
  bool found = false;
  for (const json& r : reports) {
    if (r.at("kind") == "data_race" || (c.expected == expectation::leak && r.at("kind") != "leak") ||
        (c.expected == expectation::deadlock && r.at("kind") != "deadlock")) {
      return {verdict_kind::false_alarm, describe(reports)};
    }
    if (r.at("why").get<std::string>().empty() || r.at("goroutines").empty()) return {verdict_kind::bad_report, "no reason or no goroutine\n" + describe({r})};
    for (const json& g : r.at("goroutines")) {
      if (user_line(g, c.source) == 0) return {verdict_kind::bad_report, "a stack has no frame in " + c.source + "\n" + describe({r})};
    }
    found = found || c.id.empty() || r.at("id") == c.id;
  }
  if (reports.empty()) return {verdict_kind::missed, "nothing was reported"};
  if (!found) return {verdict_kind::bad_report, "no report has the id " + c.id + "\n" + describe(reports)};
  return {};
}

// The words of the panic or fatal error that an id stands for; a case without an id may end with any.
std::string words_of(const case_name& c, const char* any) {
  static const std::map<std::string, std::string> words{
      {"C03", "panic: close of nil channel"},
      {"C04", "panic: close of closed channel"},
      {"C05", "panic: send on closed channel"},
      {"C36", "panic: std::bad_alloc"},
      {"C12", "panic: use of an owned channel that was handed over"},
      {"W01", "panic: sync: negative WaitGroup counter"},
      {"T07", "panic: non-positive interval for NewTicker"},
      {"G04", "panic: left"},
      {"M01", "fatal error: sync: unlock of unlocked mutex"},
      {"M10", "fatal error: sync: RUnlock of unlocked RWMutex"},
      {"D01", "fatal error: sync: unlock of unlocked mutex"}};
  return c.id.empty() ? any : words.at(c.id);
}

verdict judge_fatal(const outcome& o, const std::vector<json>& reports, const std::string& words) {
  if (!reports.empty()) return {verdict_kind::false_alarm, describe(reports)};
  if (o.status != fatal_status) return {verdict_kind::wrong_end, o.describe_end() + " in place of 2\n" + o.err};
  if (o.err.find(words) == std::string::npos) return {verdict_kind::wrong_end, "stderr lacks '" + words + "':\n" + o.err};
  return {};
}

}  // namespace

verdict judge(const case_name& c, const outcome& o) {
  const std::vector<json> reports = reports_in(o.out);
  switch (c.expected) {
    case expectation::race: return judge_race(c, o, reports);
    case expectation::deadlock: {
      const verdict v = judge_misuse(c, reports);
      return v.kind != verdict_kind::as_expected ? v : judge_fatal(o, {}, "all goroutines are asleep");
    }
    case expectation::leak:
    case expectation::misuse: {
      verdict v = judge_misuse(c, reports);
      if (v.kind == verdict_kind::as_expected && o.status != race_status) v = {verdict_kind::wrong_end, o.describe_end() + " after a finding\n" + o.err};
      if (v.kind == verdict_kind::missed) v.why += "; " + o.describe_end() + "\n" + o.err;
      return v;
    }
    case expectation::advice: {
      verdict v = judge_misuse(c, reports);
      for (const json& r : reports) {
        if (v.kind == verdict_kind::as_expected && !r.value("advice", false)) v = {verdict_kind::false_alarm, describe({r})};
      }
      if (v.kind == verdict_kind::as_expected && o.status != 0) v = {verdict_kind::wrong_end, o.describe_end() + " after nothing but advice\n" + o.err};
      return v;
    }
    case expectation::panic: return judge_fatal(o, reports, words_of(c, "panic:"));
    case expectation::fatal: return judge_fatal(o, reports, words_of(c, "fatal error:"));
    case expectation::no_advice:
    case expectation::no_race: break;
  }
  if (!reports.empty()) return {verdict_kind::false_alarm, describe(reports)};
  if (o.status != 0) return {verdict_kind::wrong_end, o.describe_end() + "\n" + o.err};
  return {};
}

}  // namespace programs
