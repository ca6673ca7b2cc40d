// Replay of a line in a program that may have changed since.
//
// First exactly. Where that does not show the failure: the same deviations a little elsewhere (the step or the goroutine before or after the
// one that is named, another step of the same goroutine), one deviation less; then schedules at random for what is left of the thousand.

#include "detector/explore/replay.hpp"

#include <algorithm>
#include <functional>

#include "detector/explore/numbers.hpp"
#include "runtime/hooks/access_points.hpp"

namespace ravel::detector::explore {

char letter_of(enum api::kind k) {
  switch (k) {
    case api::kind::race: return 'r';
    case api::kind::deadlock: return 'd';
    case api::kind::leak: return 'l';
    case api::kind::lock_order: return 'o';
    case api::kind::channel_misuse: return 'c';
    case api::kind::sync_misuse: return 's';
    case api::kind::panic: return 'p';
    case api::kind::assertion: return 'a';
    case api::kind::livelock: return 'v';
  }
  __builtin_unreachable();
}

const found* shows(const execution& e, const goal& g) {
  for (const found& f : e.failures) {
    if (f.kind == g.kind && (g.key.empty() || f.key == g.key)) return &f;
  }
  return nullptr;
}

namespace {

const found* of_kind(const execution& e, char letter) {
  for (const found& f : e.failures) {
    if (letter_of(f.kind) == letter) return &f;
  }
  return nullptr;
}

// The line of a program in which one goroutine more is started before those of a kind, or one less: all their ordinals have moved.
void add_moved(const std::vector<deviation>& line, std::vector<std::vector<deviation>>& out) {
  std::vector<std::uint32_t> labels;
  for (const deviation& d : line) {
    for (const goroutine_name* g : {&d.who, &d.then}) {
      if (g->label != 0 && std::find(labels.begin(), labels.end(), g->label) == labels.end()) labels.push_back(g->label);
    }
  }
  for (std::uint32_t distance = 1; distance <= 3; ++distance) {
    for (const bool up : {true, false}) {
      for (const std::uint32_t label : labels) {
        std::vector<deviation>& moved = out.emplace_back(line);
        for (deviation& d : moved) {
          for (goroutine_name* g : {&d.who, &d.then}) {
            if (g->label == label) g->nth = up ? g->nth + distance : g->nth - std::min(g->nth, distance);
          }
        }
      }
    }
  }
}

// Lines in the neighbourhood of one, nearest first.
std::vector<std::vector<deviation>> neighbours(const std::vector<deviation>& line) {
  std::vector<std::vector<deviation>> out;
  add_moved(line, out);
  const auto changed = [&](std::size_t i, const std::function<void(deviation&)>& change) {
    out.push_back(line);
    change(out.back()[i]);
  };
  for (std::uint32_t distance = 1; distance <= 3; ++distance) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const deviation& d = line[i];
      if (d.is == deviation::type::numbered_switch || d.is == deviation::type::numbered_choice) {
        changed(i, [&](deviation& x) { x.nth += distance; });
        if (d.nth >= distance) changed(i, [&](deviation& x) { x.nth -= distance; });
        continue;
      }
      if (d.is == deviation::type::first) {
        changed(i, [&](deviation& x) { x.who.nth += distance; });
        if (d.who.nth >= distance) changed(i, [&](deviation& x) { x.who.nth -= distance; });
        continue;
      }
      if (d.is == deviation::type::order) {
        changed(i, [&](deviation& x) { x.then_at.nth += distance; });
        if (d.then_at.nth >= distance) changed(i, [&](deviation& x) { x.then_at.nth -= distance; });
        changed(i, [&](deviation& x) { x.at.nth += distance, x.then_at.nth += distance; });
      }
      changed(i, [&](deviation& x) { x.at.nth += distance; });
      if (d.at.nth >= distance) changed(i, [&](deviation& x) { x.at.nth -= distance; });
      changed(i, [&](deviation& x) { x.then.nth += distance; });
      if (d.then.nth >= distance) changed(i, [&](deviation& x) { x.then.nth -= distance; });
      changed(i, [&](deviation& x) { x.who.nth += distance; });
      if (d.who.nth >= distance) changed(i, [&](deviation& x) { x.who.nth -= distance; });
    }
  }
  for (std::size_t i = 0; i < line.size(); ++i) {
    std::vector<deviation> shorter = line;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    out.push_back(std::move(shorter));
  }
  return out;
}

// In words where names can be turned into some: which goroutine is there, and which operation it did not come to. "" when all fitted.
std::string where_it_diverged(const std::vector<deviation>& line, const replay_strategy& follower, const execution& e) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const deviation& d = line[i];
    if (follower.used(i)) continue;
    std::string text = write_deviation(d);
    if (d.is == deviation::type::numbered_switch || d.is == deviation::type::numbered_choice) return text + ": the program makes fewer decisions";
    if (d.is == deviation::type::first && e.names.find(d.who) == namings::none) return text + ": that goroutine is not started any more";
    if (d.is == deviation::type::first) return text + ": that goroutine never has to be chosen";
    for (const bool second : {false, true}) {
      if (second && d.is != deviation::type::order) break;
      const std::uint32_t g = e.names.find(second ? d.then : d.who);
      if (g == namings::none) return text + ": its goroutine " + (second ? "after" : "before") + " the '" + text[text.find_first_of("@.<")] + "' is not started any more";
      const step_name& step = second ? d.then_at : d.at;
      const auto came = std::find_if(e.taken.begin(), e.taken.end(), [&](const taken_step& s) { return s.goroutine == g && s.at == step; });
      if (came != e.taken.end()) continue;
      const auto last = std::find_if(e.taken.rbegin(), e.taken.rend(), [&](const taken_step& s) { return s.goroutine == g && s.place != 0; });
      text += ": goroutine " + std::to_string(g + 1) + " does not come to its operation";
      if (last == e.taken.rend()) return text;
      const report::frame at = source_of(last->place);
      return text + "; its last is in " + at.function + " (" + at.file.substr(at.file.rfind('/') + 1) + ":" + std::to_string(at.line) + ")";
    }
    return text + ": the operations are there, and cannot be taken in that order";
  }
  return {};
}

}  // namespace

replayed replay(const terms& t, const schedule_line& l, bool log) {
  replayed r;
  execution out;
  const wishes shown{.reports = true, .names = true, .operations = has_orders(l.deviations)};
  replay_strategy follower(l.deviations, out.names);
  follower.begin(0);
  execute(t, follower, {.reports = true, .names = true, .operations = shown.operations, .log = log}, out);
  ++r.schedules;
  const bool fits = follower.fitted() == l.deviations.size();
  const auto reproduced = [&](const std::string& how, const std::vector<deviation>& by) {
    r.how = replayed::outcome::reproduced;
    r.line = by;
    r.failures = out.failures;
    r.says = how;
  };
  if (of_kind(out, l.kind) != nullptr || (l.kind == '-' && fits)) {
    reproduced(fits ? "reproduced" : "reproduced, although " + std::to_string(l.deviations.size() - follower.fitted()) + " of " +
                                         std::to_string(l.deviations.size()) + " deviations no longer fit the program",
               fits ? l.deviations : out.deviations);
    return r;
  }
  const std::string diverged = where_it_diverged(l.deviations, follower, out);
  // What a race led to was found with points at accesses to memory, some or all, which the line does not say. With all of them those are there.
  hooks::points_at_accesses.all = true;
  execution with_accesses;
  replay_strategy also(l.deviations, with_accesses.names);
  also.begin(0);
  execute(t, also, shown, with_accesses);
  hooks::points_at_accesses.all = false;
  ++r.schedules;
  if (also.fitted() == l.deviations.size() && of_kind(with_accesses, l.kind) != nullptr) {
    reproduced("reproduced", l.deviations);
    r.failures = with_accesses.failures;
    return r;
  }

  for (const std::vector<deviation>& near : neighbours(l.deviations)) {
    if (r.schedules >= most_repairs || interrupted.load(std::memory_order_relaxed)) break;
    follower.follow(near);
    follower.begin(0);
    execute(t, follower, shown, out);
    ++r.schedules;
    if (of_kind(out, l.kind) == nullptr) continue;
    reproduced("reproduced after repair, schedule " + with_commas(r.schedules) + " in the neighbourhood", near);
    return r;
  }
  const std::unique_ptr<strategy> around = make_portfolio(1);
  for (std::uint64_t n = 0; r.schedules < most_repairs && around->begin(n) && !interrupted.load(std::memory_order_relaxed); ++n) {
    execute(t, *around, {true, true}, out);
    ++r.schedules;
    around->learn(out.happened);
    if (of_kind(out, l.kind) == nullptr) continue;
    reproduced("reproduced by another schedule, " + with_commas(r.schedules) + " tried", out.deviations);
    return r;
  }
  if (diverged.empty()) {
    r.says = "not reproducible: the line still fits the program, but neither it nor " + with_commas(r.schedules - 1) + " schedules near it fail so";
  } else {
    r.how = replayed::outcome::diverged;
    r.says = "diverged at " + diverged + "; none of " + with_commas(r.schedules) + " schedules near the line fails so";
  }
  return r;
}

}  // namespace ravel::detector::explore
