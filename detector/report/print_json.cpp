#include "detector/report/print_json.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "detector/report/words.hpp"

namespace ravel::detector::report {

namespace {

using json = nlohmann::ordered_json;

// Addresses as text: 64-bit numbers do not survive every reader of JSON.
std::string address(std::uint64_t n) {
  char text[20];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(n));
  return text;
}

json as_json(const stack& s) {
  json frames = json::array();
  for (const frame& f : s) {
    json o{{"function", f.function}, {"file", f.file}, {"line", f.line}, {"column", f.column}};
    if (!f.module.empty()) o.update({{"module", f.module}, {"offset", address(f.offset)}});
    frames.push_back(std::move(o));
  }
  return frames;
}

json as_json(const goroutine& g) {
  return {{"id", g.id}, {"name", g.name}, {"running", g.running}, {"created_by", g.created_by}, {"created_at", as_json(g.created_at)}};
}

json as_json(const std::vector<held_lock>& locks) {
  json all = json::array();
  for (const held_lock& l : locks) {
    all.push_back({{"kind", l.kind}, {"address", address(l.address)}, {"shared", l.shared}, {"acquired_at", as_json(l.acquired_at)}});
  }
  return all;
}

json as_json(const access& a) {
  return {{"kind", name_of(a.kind)},
          {"address", address(a.address)},
          {"size", a.size},
          {"variable", a.variable},
          {"goroutine", as_json(a.by)},
          {"stack", as_json(a.at)},
          {"locks", as_json(a.locks)}};
}

json as_json(const location& w) {
  return {{"kind", name_of(w.kind)},      {"address", address(w.start)}, {"size", w.size}, {"offset", w.offset},
          {"name", w.name},                 {"goroutine", w.goroutine_id}, {"file", w.file}, {"line", w.line},
          {"allocated_at", as_json(w.allocated_at)}};
}

json as_json(const schedule& h) {
  json goroutines = json::array(), objects = json::array(), steps = json::array();
  for (const goroutine& g : h.goroutines) goroutines.push_back(as_json(g));
  for (const schedule_object& o : h.objects) {
    objects.push_back({{"kind", o.kind}, {"address", address(o.address)}, {"capacity", o.capacity}});
  }
  // Steps are many: what says nothing is left out.
  for (const schedule_step& s : h.steps) {
    json o{{"type", name_of(s.is)}, {"goroutine", s.goroutine}};
    if (s.other != 0) o["other"] = s.other;
    if (!s.operation.empty()) o["operation"] = s.operation;
    if (!s.objects.empty()) o["objects"] = s.objects;
    if (s.writes) o["writes"] = true;
    if (s.value != 0) o["value"] = s.value;
    if (s.of != 0) o["of"] = s.of;
    if (s.asker_blocked) o["asker_blocked"] = true;
    if (s.asker_ended) o["asker_ended"] = true;
    if (s.length >= 0) o.update({{"length", s.length}, {"closed", s.closed}});
    if (s.at.line != 0 || !s.at.function.empty()) o.update({{"function", s.at.function}, {"file", s.at.file}, {"line", s.at.line}});
    steps.push_back(std::move(o));
  }
  return {{"replay", h.replay},         {"goroutines", std::move(goroutines)}, {"objects", std::move(objects)},
          {"current_at", h.current_at}, {"previous_at", h.previous_at},        {"left_out", h.left_out}, {"steps", std::move(steps)}};
}

json misuse_as_json(const finding& f) {
  json goroutines = json::array(), objects = json::array();
  for (const party& p : f.wrong.parties) {
    json waits_for = json::array();
    for (const std::uint64_t o : p.waits_for) waits_for.push_back(address(o));
    goroutines.push_back({{"goroutine", as_json(p.who)}, {"doing", p.doing}, {"stack", as_json(p.at)}, {"locks", as_json(p.locks)}, {"waits_for", std::move(waits_for)}});
  }
  for (const sync_object& o : f.wrong.objects) {
    objects.push_back({{"what", o.what}, {"address", address(o.address)}, {"location", as_json(o.where)}, {"holder", o.holder}});
  }
  return {{"ravel_report", 1},         {"kind", name_of(f.kind)},      {"number", f.number},
          {"program", f.program},      {"id", f.wrong.id},               {"title", f.wrong.title},
          {"why", f.wrong.why},        {"goroutines", std::move(goroutines)}, {"objects", std::move(objects)}};
}

json race_as_json(const finding& f) {
  json o{{"ravel_report", 1},
          {"kind", "data_race"},
          {"number", f.number},
          {"program", f.program},
          {"current", as_json(f.data_race.current)},
          {"previous", as_json(f.data_race.previous)},
          {"location", as_json(f.data_race.where)},
          {"why_unordered", f.data_race.why_unordered}};
  const known_order& last = f.data_race.last_known;
  if (!last.did.empty()) o["last_known"] = {{"did", last.did}, {"stack", as_json(last.at)}};
  return o;
}

// A file name need not be UTF-8; the report must not be lost for it.
std::string line_of(const json& o) { return o.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

std::string print_json(const finding& f) {
  json o = f.kind == finding_kind::race ? race_as_json(f) : misuse_as_json(f);
  if (f.wrong.advice) o["advice"] = true;
  if (!f.arguments.empty()) o["arguments"] = f.arguments;
  if (!f.happened.steps.empty() || !f.happened.replay.empty()) o["schedule"] = as_json(f.happened);
  return line_of(o);
}

std::string print_json_of_program(const std::string& program) { return line_of({{"ravel_report", 1}, {"kind", "program"}, {"program", program}}); }

std::string print_json(const exploration& e) {
  json progress = json::array();
  for (const exploration::point& p : e.progress) progress.push_back({p.schedules, p.distinct});
  return line_of({{"ravel_report", 1},          {"kind", "exploration"},    {"program", e.program},
                  {"strategy", e.strategy},     {"verdict", e.verdict},     {"schedules", e.schedules},
                  {"distinct", e.distinct},     {"failures", e.failures},   {"complete", e.complete},
                  {"progress", std::move(progress)}});
}

}  // namespace ravel::detector::report
