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

// Lines in the neighbourhood of one, nearest first.
std::vector<std::vector<deviation>> neighbours(const std::vector<deviation>& line) {
  std::vector<std::vector<deviation>> out;
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

}  // namespace

replayed replay(const terms& t, const schedule_line& l) {
  replayed r;
  execution out;
  replay_strategy follower(l.deviations, out.names);
  follower.begin(0);
  execute(t, follower, {true, true}, out);
  ++r.schedules;
  const bool fits = follower.fitted() == l.deviations.size();
  const auto reproduced = [&](const std::string& how) {
    r.how = replayed::outcome::reproduced;
    r.line = out.deviations;
    r.failures = out.failures;
    r.says = how;
  };
  if (of_kind(out, l.kind) != nullptr || (l.kind == '-' && fits)) {
    reproduced(fits ? "reproduced" : "reproduced, although " + std::to_string(l.deviations.size() - follower.fitted()) + " of " +
                                         std::to_string(l.deviations.size()) + " deviations no longer fit the program");
    return r;
  }
  // What a race led to was found with points at accesses to memory, some or all, which the line does not say. With all of them those are there.
  hooks::points_at_accesses.all = true;
  execution with_accesses;
  replay_strategy also(l.deviations, with_accesses.names);
  also.begin(0);
  execute(t, also, {true, true}, with_accesses);
  hooks::points_at_accesses.all = false;
  ++r.schedules;
  if (also.fitted() == l.deviations.size() && of_kind(with_accesses, l.kind) != nullptr) {
    reproduced("reproduced");
    r.line = with_accesses.deviations;
    r.failures = with_accesses.failures;
    return r;
  }
  std::string first_misfit;
  for (std::size_t i = 0; i < l.deviations.size() && first_misfit.empty(); ++i) {
    if (!follower.used()[i]) first_misfit = write_line({'-', {l.deviations[i]}, 0}).substr(5);
  }

  for (const std::vector<deviation>& near : neighbours(l.deviations)) {
    if (r.schedules >= most_repairs || interrupted.load(std::memory_order_relaxed)) break;
    follower.follow(near);
    follower.begin(0);
    execute(t, follower, {true, true}, out);
    ++r.schedules;
    if (of_kind(out, l.kind) == nullptr) continue;
    reproduced("reproduced after repair, schedule " + with_commas(r.schedules) + " in the neighbourhood");
    return r;
  }
  const std::unique_ptr<strategy> around = make_portfolio(1);
  for (std::uint64_t n = 0; r.schedules < most_repairs && around->begin(n) && !interrupted.load(std::memory_order_relaxed); ++n) {
    execute(t, *around, {true, true}, out);
    ++r.schedules;
    around->learn(out.happened);
    if (of_kind(out, l.kind) == nullptr) continue;
    reproduced("reproduced by another schedule, " + with_commas(r.schedules) + " tried");
    return r;
  }
  if (first_misfit.empty()) {
    r.says = "not reproducible: the line still fits the program, but neither it nor " + with_commas(r.schedules - 1) + " schedules near it fail so";
  } else {
    r.how = replayed::outcome::diverged;
    r.says = "diverged at " + first_misfit + ", which the program no longer does; none of " + with_commas(r.schedules) + " schedules near the line fails so";
  }
  return r;
}

}  // namespace ravel::detector::explore
