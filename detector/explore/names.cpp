#include "detector/explore/names.hpp"

#include <algorithm>
#include <string_view>

#include "detector/explore/random.hpp"
#include "detector/race/locate.hpp"
#include "detector/report/names.hpp"
#include "runtime/abi/ravel_abi.h"
#include "runtime/hooks/services.hpp"

namespace ravel::detector::explore {

namespace {

bool begins_with(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

// A function of Ravel's or the library's, where a template's return type may stand before its name.
bool is_own(std::string_view function) {
  for (const std::string_view library : {"ravel::", "std::", "__gnu_cxx::", "__ravel", "__gthread", "pthread_", "operator new", "void std::", "bool std::",
                                         "void ravel::", "decltype(auto) std::"}) {
    if (begins_with(function, library)) return false;
  }
  return function.find(" std::") == std::string_view::npos || function.find("lambda") != std::string_view::npos;
}

// "bank::run(int)::$_0::operator()() const" and "bank::run(int)::{lambda()#2}::operator()..." both become "bank::run lambda".
std::string simplified(std::string_view function) {
  std::string out;
  int depth = 0;
  for (std::size_t i = 0; i < function.size(); ++i) {
    const char c = function[i];
    if (begins_with(function.substr(i), "$_") || begins_with(function.substr(i), "{lambda") || begins_with(function.substr(i), "'lambda")) {
      if (depth == 0) out += "lambda";
      const char end = c == '{' ? '}' : c == '\'' ? '\'' : '\0';
      ++i;
      if (end == '\0') while (i + 1 < function.size() && function[i + 1] >= '0' && function[i + 1] <= '9') ++i;
      else while (i + 1 < function.size() && function[i] != end) ++i;
      continue;
    }
    if (c == '(' || c == '<' || c == '[') ++depth;
    else if ((c == ')' || c == '>' || c == ']') && depth > 0) --depth;
    else if (depth == 0 && c != ' ') out += c;
  }
  if (const std::size_t call = out.rfind("::operator"); call != std::string::npos && out.find("lambda") != std::string::npos) out.resize(call);
  return out;
}

struct place_facts {
  bool own = false;
  std::string function;
};

// What is known of return addresses; few, looked up at every step.
const place_facts& facts_of(std::uintptr_t return_address) {
  static auto& known = *new std::unordered_map<std::uintptr_t, place_facts>;
  const auto [at, is_new] = known.try_emplace(return_address);
  if (!is_new) return at->second;
  hooks::symbolize(return_address - 1, &at->second, [](void* context, const hooks::source_frame& f) {
    auto& facts = *static_cast<place_facts*>(context);
    if (facts.own || !is_own(f.function)) return;
    facts.own = *f.function != '\0';
    facts.function = simplified(f.function);
  });
  return at->second;
}

std::uint32_t hash(std::string_view text, std::uint64_t start) {
  std::uint64_t h = start;
  for (const char c : text) h = mix(h ^ static_cast<unsigned char>(c));
  return static_cast<std::uint32_t>(h) & label_mask;
}

// The closure's function is a template of the user's type: "void ravel::...::bound_closure<main::$_0>::run_it(...)".
std::uint32_t label_of_closure(const void* runs) {
  static auto& known = *new std::unordered_map<const void*, std::uint32_t>;
  const auto [at, is_new] = known.try_emplace(runs);
  if (!is_new) return at->second;
  std::string name;
  hooks::symbolize(reinterpret_cast<std::uintptr_t>(runs), &name, [](void* context, const hooks::source_frame& f) {
    std::string_view whole = f.function;
    const std::size_t from = whole.find('<'), to = whole.rfind('>');
    if (from != std::string_view::npos && to != std::string_view::npos && from < to) whole = whole.substr(from + 1, to - from - 1);
    *static_cast<std::string*>(context) = simplified(whole);
  });
  return at->second = hash(name, 1);
}

}  // namespace

std::uintptr_t own_place(std::uintptr_t frame, std::uintptr_t low, std::uintptr_t high) {
  for (int i = 0; i < 12 && frame >= low && frame + 16 <= high && frame % 8 == 0; ++i) {
    const auto* f = reinterpret_cast<const std::uintptr_t*>(frame);
    if (f[1] < 4096) return 0;
    if (facts_of(f[1]).own) return f[1];
    if (f[0] <= frame) return 0;
    frame = f[0];
  }
  return 0;
}

const std::string& function_at(std::uintptr_t return_address) {
  static auto& nowhere = *new std::string;
  return return_address == 0 ? nowhere : facts_of(return_address).function;
}

report::frame source_of(std::uintptr_t return_address) {
  report::frame out;
  if (return_address == 0) return out;
  hooks::symbolize(return_address - 1, &out, [](void* context, const hooks::source_frame& f) {
    auto& into = *static_cast<report::frame*>(context);
    if (!into.function.empty() || f.line == 0 || !is_own(f.function)) return;
    into.function = report::short_name(f.function);
    into.file = f.file;
    into.line = static_cast<std::uint32_t>(f.line);
  });
  return out;
}

namespace {

std::uint64_t hash_more(std::string_view text, std::uint64_t h) {
  for (const char c : text) h = mix(h ^ static_cast<unsigned char>(c));
  return h;
}

bool is_atomic(hooks::op o) {
  return o == hooks::op::atomic_load || o == hooks::op::atomic_store || o == hooks::op::atomic_rmw || o == hooks::op::atomic_cas;
}

// By where it was made. 0: nobody knows; and what is on a stack is only known by function.
std::uint64_t name_of_object(const void* object, bool& on_stack) {
  const report::location where = locate(reinterpret_cast<std::uintptr_t>(object), access_nature{});
  on_stack = where.kind == report::location_kind::stack;
  switch (where.kind) {
    case report::location_kind::stack: return hash_more(simplified(where.name), 2);
    case report::location_kind::global: return hash_more(where.name, 3) + where.offset;
    case report::location_kind::heap: {
      const auto made = std::find_if(where.allocated_at.begin(), where.allocated_at.end(),
                                     [](const report::frame& f) { return f.line != 0 && !report::is_library_frame(f); });
      return (made == where.allocated_at.end() ? 4 : hash_more(simplified(made->function), 5)) + where.offset;
    }
    default: return 0;
  }
}

}  // namespace

void namings::clear() {
  all_.clear();
  objects_.clear();
}

std::uint64_t namings::identity(const void* object) const {
  const auto known = objects_.find(object);
  const bool by_address = known == objects_.end() || known->second < 2 || (known->second & 1) != 0;
  return by_address ? reinterpret_cast<std::uintptr_t>(object) : known->second;
}

step_name namings::operation_of(known& g, const hooks::step& s) {
  const void* object = s.object != nullptr || s.more_count == 0 ? s.object : s.more[0];
  if (object == nullptr) return g.pending;
  const auto [at, is_new] = objects_.try_emplace(object);
  if (is_new) {
    bool on_stack = false;
    at->second = name_of_object(object, on_stack) << 1 | static_cast<std::uint64_t>(on_stack);
  }
  std::uint64_t name = mix(mix(at->second) + static_cast<std::uint64_t>(s.what));
  const auto* site = is_atomic(s.what) ? reinterpret_cast<const ravel_site*>(s.place) : nullptr;
  const bool ambiguous = at->second < 2 || (at->second & 1) != 0;
  if (ambiguous) name = hash_more(site != nullptr && site->variable != nullptr ? std::string_view(site->variable) : function_at(g.place), name);
  step_name n;
  // Not one of the few that stand for no operation.
  n.label = static_cast<std::uint32_t>(mix(name)) & label_mask;
  n.nth = g.operations[n.label]++;
  return n;
}

void namings::created(const hooks::controlled_goroutine& child, std::uint32_t number, std::uint32_t parent) {
  if (all_.size() <= number) all_.resize(number + 1);
  known& mine = all_[number];
  mine = {};
  const bool has_parent = parent != number;
  mine.name.label = static_cast<std::uint32_t>(
      number == 0 ? 0 : mix(label_of_closure(child.runs) ^ (has_parent ? mix(all_[parent].name.label + all_[parent].name.nth) : 7)) & label_mask);
  if (has_parent) mine.name.nth = all_[parent].children[mine.name.label]++;
  else if (number != 0) mine.name.nth = all_[0].children[mine.name.label]++;
}

void namings::announced(std::uint32_t who, const hooks::step& s) {
  known& mine = all_[who];
  if (s.what == hooks::op::go_on || s.what == hooks::op::end || s.what == hooks::op::begin) {
    // What comes after the last step: one name for waiting, one for the end.
    mine.pending = {static_cast<std::uint32_t>(s.what), s.what == hooks::op::go_on ? mine.steps[static_cast<std::uint32_t>(s.what)]++ : 0};
    mine.place = 0;
    mine.operation = mine.pending;
    return;
  }
  mine.place = own_place(s.frame, s.frame, s.frame + (std::uintptr_t{8} << 20));
  std::string what = function_at(mine.place);
  if (s.what == hooks::op::plain_read || s.what == hooks::op::plain_write) {
    // By the variable too: which accesses are points differs, from all to those of one variable.
    const auto* site = reinterpret_cast<const ravel_site*>(s.place);
    what = what + '.' + (site->variable != nullptr ? site->variable : "");
  }
  mine.pending.label = hash(what, 16 + static_cast<std::uint64_t>(s.what));
  mine.pending.nth = mine.steps[mine.pending.label]++;
  mine.operation = operations_ ? operation_of(mine, s) : mine.pending;
}

std::string namings::function_of_pending(std::uint32_t who) const { return function_at(all_[who].place); }

std::uint32_t namings::find(const goroutine_name& n) const {
  for (std::uint32_t i = 0; i < all_.size(); ++i) {
    if (all_[i].name == n) return i;
  }
  return none;
}

}  // namespace ravel::detector::explore
