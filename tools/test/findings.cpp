// From a program's words to findings with fingerprints.
//
// A report of the detector is known by its headline and stacks, read back from its words, as detector/report/same.hpp says; anything else by the
// test's name and the message without its numbers.

#include "tools/test/findings.hpp"

#include <algorithm>
#include <cstdlib>

#include "detector/report/same.hpp"

namespace ravel::tools {

namespace report = detector::report;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool begins(const std::string& line, const char* with) { return line.rfind(with, 0) == 0; }

// "/home/ann/bank.cpp:10:64" -> "bank.cpp"
std::string file_of(const std::string& place) {
  const std::size_t slash = place.rfind('/');
  std::string name = slash == std::string::npos ? place : place.substr(slash + 1);
  return name.substr(0, name.find(':'));
}

// "FILE:10:64", "FILE:10", "MODULE+0x4711", or words where there is neither.
report::frame frame_of(const std::string& function, std::string place) {
  report::frame f;
  f.function = function;
  if (const std::size_t offset = place.rfind("+0x"); offset != std::string::npos) {
    f.module = place.substr(0, offset);
    return f;
  }
  for (std::size_t colon = place.rfind(':'); colon != std::string::npos && place.find_first_not_of("0123456789", colon + 1) == std::string::npos; colon = place.rfind(':')) {
    f.line = static_cast<std::uint32_t>(std::strtoul(place.c_str() + colon + 1, nullptr, 10));
    place.resize(colon);
  }
  if (place.front() != '(') f.file = place;
  return f;
}

// A frame is a line indented by two, its place a line indented by six. The source text between is no part of it: it is there only where the
// sources are, and tests run elsewhere too.
report::stack stack_in(const std::vector<std::string>& lines, std::size_t from, std::size_t end) {
  report::stack s;
  for (std::size_t i = from; i + 1 < end && !begins(lines[i], "Location:"); ++i) {
    if (!begins(lines[i], "  ") || begins(lines[i], "   ") || !begins(lines[i + 1], "      ")) continue;
    const std::string function = trimmed(lines[i]);
    s.push_back(frame_of(function == "(unknown function)" ? "" : function, trimmed(lines[i + 1])));
  }
  return s;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// lines[from] begins with WARNING:, the report ends before `end`.
found finding_of_report(const std::vector<std::string>& lines, std::size_t from, std::size_t end) {
  const std::string title = trimmed(lines[from].substr(8));
  std::vector<report::stack> stacks;
  for (std::size_t i = from + 1; i < end;) {
    std::size_t block_end = i;
    while (block_end < end && !lines[block_end].empty()) ++block_end;
    // Where goroutines were made and where the memory lies is no part of what went wrong.
    const std::string& head = lines[i];
    if (head.find(" created by ") == std::string::npos && !begins(head, "Location:")) {
      if (report::stack s = stack_in(lines, i, block_end); !s.empty()) stacks.push_back(std::move(s));
    }
    i = block_end + 1;
  }
  found f;
  f.kind = lower(title.substr(0, title.find(':')));
  f.fingerprint = report::fingerprint_of(title, stacks);
  f.title = title;
  for (std::size_t i = from; i < end; ++i) {
    if (begins(lines[i], "SUMMARY: Ravel: ")) f.title = lines[i].substr(16);
  }
  return f;
}

found finding_of_message(const std::string& kind, const std::string& message, const std::string& test) {
  return {report::fingerprint_of_words(kind + "\n" + test + "\n" + report::without_numbers(message)), kind, message, ""};
}

// "kind: message" under a failure of a RAVEL_TEST; "" for any other words. tests/explore/ravel_test_test.cpp holds the words.
std::string kind_of_explored(const std::string& line) {
  for (const char* kind : {"race", "deadlock", "leak", "lock_order", "channel_misuse", "sync_misuse", "panic", "assertion", "livelock"}) {
    if (begins(line, kind) && line.compare(std::string(kind).size(), 2, ": ") == 0) return kind;
  }
  return "";
}

void add(std::vector<found>& all, found f) {
  if (std::none_of(all.begin(), all.end(), [&](const found& g) { return g.fingerprint == f.fingerprint; })) all.push_back(std::move(f));
}

// The failure of a RAVEL_TEST at lines[i]: its kind, message and replay command. A race is told by its report, so that it has the
// fingerprint it has elsewhere.
void add_explored(std::vector<found>& all, const std::vector<std::string>& lines, std::size_t i, const std::string& kind, const std::string& test) {
  found f = finding_of_message(kind, lines[i].substr(kind.size() + 2), test);
  for (std::size_t j = i + 1; j < lines.size() && !begins(lines[j], "[  FAILED  ]"); ++j) {
    if (begins(lines[j], "WARNING: DATA RACE") && kind == "race") {
      std::size_t end = j;
      while (end + 1 < lines.size() && !begins(lines[end], "SUMMARY: ")) ++end;
      f = finding_of_report(lines, j, end + 1);
    }
    if (begins(lines[j], "replay:   ")) {
      f.replay = lines[j].substr(10);
      break;
    }
  }
  add(all, std::move(f));
}

}  // namespace

std::vector<found> findings_in(const std::string& output, const std::string& test, int status) {
  const std::vector<std::string> lines = lines_of(output);
  std::vector<found> all;
  const bool failed = status != 0;  // else words like these are the test's own
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    if (begins(line, "WARNING: ")) {
      std::size_t end = i + 1;
      while (end < lines.size() && !begins(lines[end], "SUMMARY: ") && !begins(lines[end], "WARNING: ")) ++end;
      if (end < lines.size() && begins(lines[end], "SUMMARY: ")) ++end;
      else continue;  // not the detector's
      add(all, finding_of_report(lines, i, end));
      i = end - 1;
    } else if (failed && begins(line, "panic: ")) {
      add(all, finding_of_message("panic", line.substr(7), test));
    } else if (failed && begins(line, "fatal error: ") && all.empty()) {  // else the report before it has said it
      add(all, finding_of_message("fatal error", line.substr(13), test));
    } else if (const std::size_t failure = failed ? line.rfind(": Failure") : std::string::npos; failure != std::string::npos && failure + 9 == line.size()) {
      const std::string next = i + 1 < lines.size() ? lines[i + 1] : "", after = i + 2 < lines.size() ? lines[i + 2] : "";
      if (next == "Failed" && begins(after, "Ravel: ")) {
        continue;  // the listener of <ravel/gtest.hpp>: the report itself is in the output too
      }
      if (const std::string kind = next == "Failed" ? kind_of_explored(after) : ""; !kind.empty()) {
        add_explored(all, lines, i + 2, kind, test);
        while (i + 1 < lines.size() && !begins(lines[i + 1], "[  FAILED  ]")) ++i;
      } else {
        add(all, finding_of_message("assertion", file_of(line.substr(0, failure)) + ": " + (next == "Failed" ? after : next), test));
      }
    }
  }
  if (status == -1) add(all, finding_of_message("timeout", "the test did not end in time", test));
  else if (status != 0 && all.empty()) add(all, {report::fingerprint_of_words("failure\n" + test + "\n" + std::to_string(status)), "failure", "exit status " + std::to_string(status), ""});
  return all;
}

}  // namespace ravel::tools
