#include "detector/report/words.hpp"

#include <cstdio>
#include <iterator>

#include "detector/report/names.hpp"

namespace ravel::detector::report {

namespace {

// In the order of the enums, which the tests of print_json walk.
constexpr const char* finding_kinds[] = {"data_race", "deadlock", "leak", "lock_order", "channel_misuse", "sync_misuse", "panic", "assertion", "livelock"};
constexpr const char* access_kinds[] = {"read", "write", "atomic_read", "atomic_write", "free", "channel_send", "channel_close", "wait_group_add", "wait_group_wait"};
constexpr const char* location_kinds[] = {"unknown", "heap", "global", "stack", "channel", "wait_group"};
constexpr const char* step_types[] = {"step", "created", "woken", "choice"};

template <class Kind, std::size_t N>
std::optional<Kind> find(const char* const (&names)[N], std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (name == names[i]) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

std::string upper_first(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string where(const stack& s) {
  const frame* own = own_frame(s);
  if (own == nullptr) return "";
  constexpr std::size_t most = 90;  // names of templates may be pages
  const std::string function = own->function.size() <= most ? own->function : own->function.substr(0, most) + "...";
  return (function.empty() ? "" : " in " + function) + (own->line == 0 ? "" : " at " + place_of(*own));
}

}  // namespace

const char* name_of(finding_kind k) { return finding_kinds[static_cast<std::size_t>(k)]; }
const char* name_of(access_kind k) { return access_kinds[static_cast<std::size_t>(k)]; }
const char* name_of(location_kind k) { return location_kinds[static_cast<std::size_t>(k)]; }
const char* name_of(schedule_step::type t) { return step_types[static_cast<std::size_t>(t)]; }
std::optional<finding_kind> finding_kind_of(std::string_view name) { return find<finding_kind>(finding_kinds, name); }
std::optional<access_kind> access_kind_of(std::string_view name) { return find<access_kind>(access_kinds, name); }
std::optional<location_kind> location_kind_of(std::string_view name) { return find<location_kind>(location_kinds, name); }
std::optional<schedule_step::type> step_type_of(std::string_view name) { return find<schedule_step::type>(step_types, name); }

std::string hex(std::uint64_t n) {
  char text[20];
  std::snprintf(text, sizeof text, "0x%012llx", static_cast<unsigned long long>(n));
  return text;
}

std::string bytes(std::uint64_t n) { return std::to_string(n) + (n == 1 ? " byte" : " bytes"); }

std::string words_of(finding_kind k) {
  switch (k) {
    case finding_kind::race: return "data race";
    case finding_kind::deadlock: return "deadlock";
    case finding_kind::leak: return "leaked goroutine";
    case finding_kind::lock_order: return "lock order";
    case finding_kind::channel_misuse: return "misuse of a channel";
    case finding_kind::sync_misuse: return "misuse of sync";
    case finding_kind::panic: return "panic";
    case finding_kind::assertion: return "assertion";
    case finding_kind::livelock: return "livelock";
  }
  return "finding";
}

std::string words_of(const access& a) {
  switch (a.kind) {
    case access_kind::read: return "read of " + bytes(a.size) + " at " + hex(a.address);
    case access_kind::write: return "write of " + bytes(a.size) + " at " + hex(a.address);
    case access_kind::atomic_read: return "atomic read of " + bytes(a.size) + " at " + hex(a.address);
    case access_kind::atomic_write: return "atomic write of " + bytes(a.size) + " at " + hex(a.address);
    case access_kind::free: return "free of the memory at " + hex(a.address);
    case access_kind::channel_send: return "send on the channel at " + hex(a.address);
    case access_kind::channel_close: return "close of the channel at " + hex(a.address);
    case access_kind::wait_group_add: return "wait_group.add from zero on " + hex(a.address);
    case access_kind::wait_group_wait: return "wait_group.wait on " + hex(a.address);
  }
  return "access";
}

const char* headline_of(finding_kind k) {
  switch (k) {
    case finding_kind::race: return "DATA RACE";
    case finding_kind::deadlock: return "DEADLOCK";
    case finding_kind::leak: return "LEAKED GOROUTINE";
    case finding_kind::lock_order: return "LOCK ORDER";
    case finding_kind::channel_misuse: return "MISUSE OF A CHANNEL";
    case finding_kind::sync_misuse: return "MISUSE OF SYNC";
    case finding_kind::panic: return "PANIC";
    case finding_kind::assertion: return "ASSERTION";
    case finding_kind::livelock: return "LIVELOCK";
  }
  return "FINDING";
}

std::string headline_of(const finding& f) {
  const std::string what = headline_of(f.kind);
  return f.kind == finding_kind::race ? what : what + ": " + f.wrong.title + (f.wrong.id.empty() ? "" : " [" + f.wrong.id + "]");
}

std::string title_of(const goroutine& g) {
  std::string text = "goroutine " + std::to_string(g.id);
  if (g.id == 1) text += " (main)";
  else if (!g.name.empty()) text += " (" + g.name + ")";
  return text;
}

std::string rule_of(const finding& f) { return f.kind == finding_kind::race || f.wrong.id.empty() ? name_of(f.kind) : f.wrong.id; }

std::string title_of(const finding& f) {
  if (f.kind != finding_kind::race) return words_of(f.kind) + ": " + f.wrong.title;
  const race& r = f.data_race;
  const std::string& variable = r.current.variable.empty() ? r.previous.variable : r.current.variable;
  if (!variable.empty()) return "data race on " + variable;
  if (!r.where.name.empty() && r.where.kind == location_kind::global) return "data race on " + short_name(r.where.name);
  const frame* own = own_frame(r.current.at);
  return own == nullptr || own->function.empty() ? "data race" : "data race in " + own->function;
}

// No addresses: two runs of one program say the same.
std::string message_of(const finding& f) {
  const auto accessed = [](const access& a) {
    std::string words = words_of(a);
    words.resize(std::min(words.rfind(" at 0x"), words.size()));
    return words + " by " + title_of(a.by) + where(a.at);
  };
  if (f.kind == finding_kind::race) {
    const race& r = f.data_race;
    return upper_first(title_of(f)) + ": " + accessed(r.current) + ", and before it " + accessed(r.previous) + ". " + upper_first(r.why_unordered);
  }
  std::string text = upper_first(title_of(f)) + ".";
  for (const party& p : f.wrong.parties) text += " " + upper_first(title_of(p.who)) + (where(p.at).empty() ? " " : "," + where(p.at) + ", ") + p.doing + ".";
  return f.wrong.why.empty() ? text : text + " " + upper_first(f.wrong.why);
}

std::string place_of(const frame& f) {
  const std::string file = f.file.substr(f.file.rfind('/') + 1);
  return f.line == 0 ? file : file + ":" + std::to_string(f.line);
}

const frame* place_of(const finding& f) {
  if (f.kind == finding_kind::race) return own_frame(f.data_race.current.at);
  for (const party& p : f.wrong.parties) {
    if (const frame* own = own_frame(p.at)) return own;
  }
  return nullptr;
}

}  // namespace ravel::detector::report
