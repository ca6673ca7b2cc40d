// Why a schedule fails, for people: the operations on the objects that its orders are about, a column for each goroutine, as in Lincheck
// (Koval et al.: Lincheck, CAV 2023); and what comes when an order is turned round.

#include <algorithm>

#include "detector/explore/replay.hpp"
#include "detector/explore/schedule_log.hpp"
#include "runtime/abi/ravel_abi.h"

namespace ravel::detector::explore {

namespace {

constexpr std::size_t width = 36, most_columns = 4, most_rows = 40;

bool is(const taken_step& s, const goroutine_name& who, const step_name& at) { return s.who == who && s.at == at; }

const taken_step* find(const execution& e, const goroutine_name& who, const step_name& at) {
  const auto found = std::find_if(e.taken.begin(), e.taken.end(), [&](const taken_step& s) { return is(s, who, at); });
  return found == e.taken.end() ? nullptr : &*found;
}

std::string place_of(std::uintptr_t place) {
  const report::frame at = source_of(place);
  return at.line == 0 ? std::string() : at.file.substr(at.file.rfind('/') + 1) + ":" + std::to_string(at.line);
}

// Atomics know theirs.
std::string variable_of(const event& e) {
  using hooks::op;
  if (e.what != op::atomic_load && e.what != op::atomic_store && e.what != op::atomic_rmw && e.what != op::atomic_cas) return {};
  const auto* site = reinterpret_cast<const ravel_site*>(e.place);
  return site != nullptr && site->variable != nullptr ? site->variable : "";
}

std::string words_for(const execution& e, const taken_step& s) {
  const event& what = e.happened.events[s.event];
  const std::string at = place_of(s.place), variable = variable_of(what);
  return (what.what == hooks::op::begin ? std::string("start") : word_for(what.what)) + (variable.empty() ? "" : " of " + variable) + (at.empty() ? "" : " " + at);
}

std::string words_for(const execution& e, const goroutine_name& who, const step_name& at) {
  const auto g = std::find_if(e.taken.begin(), e.taken.end(), [&](const taken_step& s) { return s.who == who; });
  const taken_step* step = find(e, who, at);
  const std::string of = g == e.taken.end() ? std::string("a goroutine's") : "goroutine " + std::to_string(g->goroutine + 1) + "'s";
  return of + (step != nullptr ? " " + words_for(e, *step) : " next operation");  // it never came to it: the schedule was over
}

using objects = std::vector<const void*>;

void add_objects(const execution& e, const event& of, objects& out) {
  if (of.object != nullptr) out.push_back(of.object);
  for (std::uint32_t k = 0; k < of.more_count; ++k) out.push_back(e.happened.objects[of.more_at + k]);
}

std::string columns(const execution& e, const std::vector<deviation>& line) {
  objects about;
  std::vector<const taken_step*> rows;
  for (const deviation& d : line) {
    if (d.is != deviation::type::order) continue;
    for (const taken_step* s : {find(e, d.who, d.at), find(e, d.then, d.then_at)}) {
      if (s != nullptr) add_objects(e, e.happened.events[s->event], about);
    }
  }
  std::vector<std::uint32_t> goroutines;
  for (const taken_step& s : e.taken) {
    objects its;
    add_objects(e, e.happened.events[s.event], its);
    const bool touches = std::any_of(its.begin(), its.end(), [&](const void* o) { return std::find(about.begin(), about.end(), o) != about.end(); });
    const bool named = std::any_of(line.begin(), line.end(), [&](const deviation& d) {
      return d.is == deviation::type::order && (is(s, d.who, d.at) || is(s, d.then, d.then_at));
    });
    if (!touches && !named) continue;
    rows.push_back(&s);
    if (std::find(goroutines.begin(), goroutines.end(), s.goroutine) == goroutines.end()) goroutines.push_back(s.goroutine);
  }
  std::sort(goroutines.begin(), goroutines.end());
  if (rows.empty() || goroutines.size() > most_columns) return {};
  std::string text;
  const auto add_row = [&text](std::string row) {
    row.resize(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  };
  std::string head = "  ";
  for (std::size_t i = 0; i < goroutines.size(); ++i) {
    head += "goroutine " + std::to_string(goroutines[i] + 1);
    head.resize(2 + width * (i + 1), ' ');
  }
  add_row(head);
  const std::size_t left_out = rows.size() - std::min(rows.size(), most_rows);
  if (left_out != 0) text += "  ... " + std::to_string(left_out) + " before\n";
  for (std::size_t i = left_out; i < rows.size(); ++i) {
    const auto column = static_cast<std::size_t>(std::find(goroutines.begin(), goroutines.end(), rows[i]->goroutine) - goroutines.begin());
    add_row(std::string(2 + width * column, ' ') + words_for(e, *rows[i]));
  }
  return text;
}

}  // namespace

std::string explain(const terms& t, const std::vector<deviation>& line, const goal& g, const execution& shown) {
  if (!has_orders(line)) return {};
  std::string text = columns(shown, line);
  if (!text.empty()) text = "\nWhat matters of the schedule:\n" + text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i].is != deviation::type::order) continue;
    std::vector<deviation> other = line;
    std::swap(other[i].who, other[i].then);
    std::swap(other[i].at, other[i].then_at);
    execution out;
    replay_strategy follower(other, out.names);
    follower.begin(0);
    execute(t, follower, {.names = true, .operations = true}, out);
    text += "It needs " + words_for(shown, line[i].who, line[i].at) + " before " + words_for(shown, line[i].then, line[i].then_at) + ": the other way round the schedule " +
            (out.failures.empty() ? "passes" : shows(out, g) != nullptr ? "fails too" : "fails otherwise: " + out.failures[0].message) + ".\n";
  }
  return text;
}

}  // namespace ravel::detector::explore
