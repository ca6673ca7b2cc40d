#include "detector/report/suppressions.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace ravel::detector::report {

namespace {

// With `*` for any run of characters; both ends anchored.
bool whole_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, restart = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      restart = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++restart;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool stack_matches(std::string_view pattern, const stack& s) {
  for (const frame& f : s) {
    if (glob_matches(pattern, f.function) || glob_matches(pattern, f.file) || glob_matches(pattern, f.module)) return true;
  }
  return false;
}

bool race_matches(std::string_view pattern, const race& r) {
  for (const access* a : {&r.current, &r.previous}) {
    if (stack_matches(pattern, a->at) || (!a->variable.empty() && glob_matches(pattern, a->variable))) return true;
  }
  return !r.where.name.empty() && glob_matches(pattern, r.where.name);
}

bool misuse_matches(std::string_view pattern, const misuse& m) {
  if (pattern == m.id) return true;
  return std::any_of(m.parties.begin(), m.parties.end(), [&](const party& p) { return stack_matches(pattern, p.at); });
}

constexpr std::string_view subjects[] = {"race", "deadlock", "leak", "lock_order", "misuse"};
std::string_view subject_of(finding_kind k) {
  switch (k) {
    case finding_kind::race: return subjects[0];
    case finding_kind::deadlock: return subjects[1];
    case finding_kind::leak: return subjects[2];
    case finding_kind::lock_order: return subjects[3];
    case finding_kind::channel_misuse:
    case finding_kind::sync_misuse:
    case finding_kind::panic:
    case finding_kind::assertion:
    case finding_kind::livelock: return subjects[4];
  }
  __builtin_unreachable();
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
  std::string whole;
  if (pattern.starts_with('^')) pattern.remove_prefix(1);
  else whole += '*';
  const bool to_end = pattern.ends_with('$');
  if (to_end) pattern.remove_suffix(1);
  whole += pattern;
  if (!to_end) whole += '*';
  return whole_matches(whole, text);
}

std::string suppression_list::load(const std::string& path) {
  std::ifstream in(path);
  if (!in) return path + ": cannot be read; give the path of a file with one 'race:PATTERN' per line";
  std::ostringstream text;
  text << in.rdbuf();
  return parse(text.str(), path);
}

std::string suppression_list::parse(std::string_view text, const std::string& path) {
  path_ = path;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!row.empty() && (row.back() == ' ' || row.back() == '\r' || row.back() == '\t')) row.remove_suffix(1);
    while (!row.empty() && (row.front() == ' ' || row.front() == '\t')) row.remove_prefix(1);
    if (row.empty() || row.front() == '#') continue;
    const std::size_t colon = row.find(':');
    const std::string_view about = row.substr(0, colon);
    if (colon == row.npos || colon + 1 == row.size() || std::find(std::begin(subjects), std::end(subjects), about) == std::end(subjects)) {
      return path + ":" + std::to_string(line) + ": '" + std::string(row) +
             "' is not of the form race:PATTERN (or deadlock:, leak:, lock_order:, misuse:)";
    }
    entries_.push_back({std::string(about), std::string(row.substr(colon + 1)), line, 0});
  }
  return {};
}

bool suppression_list::matches(const finding& f) {
  const std::string_view subject = subject_of(f.kind);
  for (entry& e : entries_) {
    if (e.about == subject && (f.kind == finding_kind::race ? race_matches(e.pattern, f.data_race) : misuse_matches(e.pattern, f.wrong))) {
      ++e.matched;
      return true;
    }
  }
  return false;
}

std::string suppression_list::describe_used() const {
  std::string text;
  for (const entry& e : entries_) {
    if (e.matched != 0) text += "ravel: " + std::to_string(e.matched) + " report(s) suppressed by " + e.about + ":" + e.pattern + " (" + path_ + ":" + std::to_string(e.line) + ")\n";
  }
  return text;
}

std::string suppression_list::describe_unused() const {
  std::string text;
  for (const entry& e : entries_) {
    if (e.matched == 0) text += "ravel: suppression " + e.about + ":" + e.pattern + " (" + path_ + ":" + std::to_string(e.line) + ") matched nothing\n";
  }
  return text;
}

}  // namespace ravel::detector::report
