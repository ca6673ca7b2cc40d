#include "detector/report/print_json.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

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

const char* kind_name(access_kind k) {
  switch (k) {
    case access_kind::read: return "read";
    case access_kind::write: return "write";
    case access_kind::atomic_read: return "atomic_read";
    case access_kind::atomic_write: return "atomic_write";
    case access_kind::free: return "free";
    case access_kind::channel_send: return "channel_send";
    case access_kind::channel_close: return "channel_close";
    case access_kind::wait_group_add: return "wait_group_add";
    case access_kind::wait_group_wait: return "wait_group_wait";
  }
  return "access";
}

const char* kind_name(location_kind k) {
  switch (k) {
    case location_kind::unknown: return "unknown";
    case location_kind::heap: return "heap";
    case location_kind::global: return "global";
    case location_kind::stack: return "stack";
    case location_kind::channel: return "channel";
    case location_kind::wait_group: return "wait_group";
  }
  return "unknown";
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
  return {{"kind", kind_name(a.kind)},
          {"address", address(a.address)},
          {"size", a.size},
          {"variable", a.variable},
          {"goroutine", as_json(a.by)},
          {"stack", as_json(a.at)},
          {"locks", as_json(a.locks)}};
}

json as_json(const location& w) {
  return {{"kind", kind_name(w.kind)},      {"address", address(w.start)}, {"size", w.size}, {"offset", w.offset},
          {"name", w.name},                 {"goroutine", w.goroutine_id}, {"file", w.file}, {"line", w.line},
          {"allocated_at", as_json(w.allocated_at)}};
}

json misuse_as_json(const finding& f) {
  json goroutines = json::array(), objects = json::array();
  for (const party& p : f.wrong.parties) {
    goroutines.push_back({{"goroutine", as_json(p.who)}, {"doing", p.doing}, {"stack", as_json(p.at)}, {"locks", as_json(p.locks)}});
  }
  for (const sync_object& o : f.wrong.objects) {
    objects.push_back({{"what", o.what}, {"address", address(o.address)}, {"location", as_json(o.where)}, {"holder", o.holder}});
  }
  return {{"ravel_report", 1},         {"kind", kind_name(f.kind)},      {"number", f.number},
          {"program", f.program},      {"id", f.wrong.id},               {"title", f.wrong.title},
          {"why", f.wrong.why},        {"goroutines", std::move(goroutines)}, {"objects", std::move(objects)}};
}

}  // namespace

const char* kind_name(finding_kind k) {
  switch (k) {
    case finding_kind::race: return "data_race";
    case finding_kind::deadlock: return "deadlock";
    case finding_kind::leak: return "leak";
    case finding_kind::lock_order: return "lock_order";
    case finding_kind::channel_misuse: return "channel_misuse";
    case finding_kind::sync_misuse: return "sync_misuse";
  }
  return "finding";
}

std::string print_json(const finding& f) {
  if (f.kind != finding_kind::race) return misuse_as_json(f).dump(-1, ' ', false, json::error_handler_t::replace);
  const json o{{"ravel_report", 1},
               {"kind", "data_race"},
               {"number", f.number},
               {"program", f.program},
               {"current", as_json(f.data_race.current)},
               {"previous", as_json(f.data_race.previous)},
               {"location", as_json(f.data_race.where)},
               {"why_unordered", f.data_race.why_unordered}};
  // A file name need not be UTF-8; the report must not be lost for it.
  return o.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ravel::detector::report
