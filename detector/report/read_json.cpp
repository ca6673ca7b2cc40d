#include "detector/report/read_json.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "detector/report/print_json.hpp"
#include "detector/report/same.hpp"
#include "detector/report/words.hpp"

namespace ravel::detector::report {

namespace {

using nlohmann::json;

// What is wrong with one line, in words for the end of a sentence.
struct wrong_line : std::runtime_error {
  using runtime_error::runtime_error;
};

// An absent field has the default of the structure: the writer left out what says nothing, or did not know it yet.
template <class T>
void get(const json& o, const char* field, T& out) {
  const auto at = o.find(field);
  if (at == o.end()) return;
  try {
    at->get_to(out);
  } catch (const json::exception&) {
    throw wrong_line(std::string("field '") + field + "' is of the wrong type");
  }
}

const json& part(const json& o, const char* field) {
  const auto at = o.find(field);
  if (at == o.end() || !at->is_object()) throw wrong_line(std::string("field '") + field + "' is missing");
  return *at;
}

const json& list(const json& o, const char* field) {
  static const json none = json::array();
  const auto at = o.find(field);
  if (at == o.end()) return none;
  if (!at->is_array()) throw wrong_line(std::string("field '") + field + "' is no list");
  for (const json& each : *at) {
    if (!each.is_object()) throw wrong_line(std::string("field '") + field + "' is no list of objects");
  }
  return *at;
}

std::uint64_t address(const json& o, const char* field) {
  std::string text;
  get(o, field, text);
  return std::strtoull(text.c_str(), nullptr, 0);
}

frame frame_from(const json& o) {
  frame f;
  get(o, "function", f.function);
  get(o, "file", f.file);
  get(o, "line", f.line);
  get(o, "column", f.column);
  get(o, "module", f.module);
  f.offset = address(o, "offset");
  return f;
}

stack stack_from(const json& o, const char* field) {
  stack s;
  for (const json& each : list(o, field)) s.push_back(frame_from(each));
  return s;
}

goroutine goroutine_from(const json& o) {
  goroutine g;
  get(o, "id", g.id);
  get(o, "name", g.name);
  get(o, "running", g.running);
  get(o, "created_by", g.created_by);
  g.created_at = stack_from(o, "created_at");
  return g;
}

std::vector<held_lock> locks_from(const json& o) {
  std::vector<held_lock> all;
  for (const json& each : list(o, "locks")) {
    held_lock& l = all.emplace_back();
    get(each, "kind", l.kind);
    get(each, "shared", l.shared);
    l.address = address(each, "address");
    l.acquired_at = stack_from(each, "acquired_at");
  }
  return all;
}

access access_from(const json& o) {
  access a;
  std::string kind;
  get(o, "kind", kind);
  const std::optional<access_kind> known = access_kind_of(kind);
  if (!known) throw wrong_line("'" + kind + "' is no kind of access");
  a.kind = *known;
  a.address = address(o, "address");
  get(o, "size", a.size);
  get(o, "variable", a.variable);
  a.by = goroutine_from(part(o, "goroutine"));
  a.at = stack_from(o, "stack");
  a.locks = locks_from(o);
  return a;
}

location location_from(const json& o) {
  location w;
  std::string kind;
  get(o, "kind", kind);
  w.kind = location_kind_of(kind).value_or(location_kind::unknown);
  w.start = address(o, "address");
  get(o, "size", w.size);
  get(o, "offset", w.offset);
  get(o, "name", w.name);
  get(o, "goroutine", w.goroutine_id);
  get(o, "file", w.file);
  get(o, "line", w.line);
  w.allocated_at = stack_from(o, "allocated_at");
  return w;
}

schedule schedule_from(const json& o) {
  schedule h;
  get(o, "replay", h.replay);
  get(o, "current_at", h.current_at);
  get(o, "previous_at", h.previous_at);
  get(o, "left_out", h.left_out);
  for (const json& each : list(o, "goroutines")) h.goroutines.push_back(goroutine_from(each));
  for (const json& each : list(o, "objects")) {
    schedule_object& of = h.objects.emplace_back();
    get(each, "kind", of.kind);
    get(each, "capacity", of.capacity);
    of.address = address(each, "address");
  }
  for (const json& each : list(o, "steps")) {
    schedule_step& s = h.steps.emplace_back();
    std::string type;
    get(each, "type", type);
    const std::optional<schedule_step::type> known = step_type_of(type);
    if (!known) throw wrong_line("'" + type + "' is no type of step");
    s.is = *known;
    get(each, "goroutine", s.goroutine);
    get(each, "other", s.other);
    get(each, "operation", s.operation);
    get(each, "objects", s.objects);
    get(each, "writes", s.writes);
    get(each, "value", s.value);
    get(each, "of", s.of);
    get(each, "asker_blocked", s.asker_blocked);
    get(each, "asker_ended", s.asker_ended);
    get(each, "length", s.length);
    get(each, "closed", s.closed);
    s.at = frame_from(each);
    // Printers index by these.
    if (s.goroutine == 0 || s.goroutine > h.goroutines.size() || s.other > h.goroutines.size()) throw wrong_line("a step is of a goroutine that is not listed");
    for (const std::uint32_t object : s.objects) {
      if (object == 0 || object > h.objects.size()) throw wrong_line("a step touches an object that is not listed");
    }
  }
  if (h.current_at > h.steps.size() || h.previous_at > h.steps.size()) throw wrong_line("an access is said to be in a step that is not listed");
  return h;
}

finding finding_from(const json& o, finding_kind kind) {
  finding f;
  f.kind = kind;
  get(o, "number", f.number);
  get(o, "program", f.program);
  if (o.contains("arguments")) get(o, "arguments", f.arguments);
  if (o.contains("schedule")) f.happened = schedule_from(part(o, "schedule"));
  if (kind == finding_kind::race) {
    f.data_race.current = access_from(part(o, "current"));
    f.data_race.previous = access_from(part(o, "previous"));
    f.data_race.where = location_from(part(o, "location"));
    get(o, "why_unordered", f.data_race.why_unordered);
    if (o.contains("last_known")) {
      const json& last = part(o, "last_known");
      get(last, "did", f.data_race.last_known.did);
      f.data_race.last_known.at = stack_from(last, "stack");
    }
    return f;
  }
  get(o, "id", f.wrong.id);
  get(o, "title", f.wrong.title);
  get(o, "why", f.wrong.why);
  get(o, "advice", f.wrong.advice);
  for (const json& each : list(o, "goroutines")) {
    party& p = f.wrong.parties.emplace_back();
    p.who = goroutine_from(part(each, "goroutine"));
    get(each, "doing", p.doing);
    p.at = stack_from(each, "stack");
    p.locks = locks_from(each);
    std::vector<std::string> waits_for;
    get(each, "waits_for", waits_for);
    for (const std::string& o : waits_for) p.waits_for.push_back(std::strtoull(o.c_str(), nullptr, 0));
  }
  for (const json& each : list(o, "objects")) {
    sync_object& of = f.wrong.objects.emplace_back();
    get(each, "what", of.what);
    get(each, "holder", of.holder);
    of.address = address(each, "address");
    if (each.contains("location")) of.where = location_from(part(each, "location"));
  }
  return f;
}

exploration exploration_from(const json& o) {
  exploration e;
  get(o, "program", e.program);
  get(o, "strategy", e.strategy);
  get(o, "verdict", e.verdict);
  get(o, "schedules", e.schedules);
  get(o, "distinct", e.distinct);
  get(o, "failures", e.failures);
  get(o, "complete", e.complete);
  std::vector<std::array<std::uint64_t, 2>> progress;
  get(o, "progress", progress);
  for (const auto& [schedules, distinct] : progress) e.progress.push_back({schedules, distinct});
  return e;
}

// `known` says which of file.findings has a key. Met once in parallel and once under a schedule, the one with the schedule tells more.
void add_finding(finding f, report_file& file, std::map<std::string, std::size_t>& known) {
  const auto [at, is_new] = known.try_emplace(key_of(f), file.findings.size());
  if (is_new) file.findings.emplace_back();
  finding& kept = file.findings[at->second];
  if (!is_new && (f.happened.steps.empty() || !kept.happened.steps.empty())) return;
  kept = std::move(f);
  kept.number = at->second + 1;
}

void add_line(const json& o, report_file& file, std::map<std::string, std::size_t>& known) {
  if (!o.is_object() || !o.contains("ravel_report")) throw wrong_line("it is no line of a report");
  int version = 0;
  get(o, "ravel_report", version);
  if (version != 1) throw wrong_line("it is of version " + std::to_string(version) + " of the format, this command knows version 1");
  std::string kind;
  get(o, "kind", kind);
  if (kind == "program") {
    std::string program;
    get(o, "program", program);
    if (std::find(file.programs.begin(), file.programs.end(), program) == file.programs.end()) file.programs.push_back(program);
  } else if (kind == "exploration") {
    file.explorations.push_back(exploration_from(o));
  } else if (const std::optional<finding_kind> k = finding_kind_of(kind)) {
    add_finding(finding_from(o, *k), file, known);
  }
}

}  // namespace

report_file read_json(std::istream& in, const std::string& name) {
  report_file file;
  std::map<std::string, std::size_t> known;
  std::uint64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const bool unfinished = in.eof();  // no newline: the writer was ended in the middle of it
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const json o = json::parse(line, nullptr, false);
    const std::string place = name + ":" + std::to_string(number) + ": ";
    if (o.is_discarded()) {
      // A writer that was killed in the middle of a line, after which another process appended.
      if (unfinished || (number > 1 && line.starts_with("{\"ravel_report\":"))) {
        file.note = place + "the line was not finished by its program and is left out";
        continue;
      }
      throw unreadable(place + "this is no JSON; give the file that RAVEL_OPTIONS=report=FILE names, or the output of log_format=json alone");
    }
    try {
      add_line(o, file, known);
    } catch (const wrong_line& why) {
      throw unreadable(place + why.what() + "; give the file that RAVEL_OPTIONS=report=FILE names");
    }
  }
  if (in.bad()) throw unreadable(name + ": cannot be read; give a file, not a folder");
  if (number == 0) throw unreadable(name + ": is empty; a program that writes a report begins it with a line");
  return file;
}

}  // namespace ravel::detector::report
