#include "detector/explore/estimate.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace ravel::detector::explore {

namespace {

constexpr std::size_t most_steps = 400, most_sets = 4096, most_effort = 200'000, fewest_walks = 16;

// A step and those of other goroutines that it has to come after.
struct step {
  std::uint32_t who = 0;
  std::vector<std::uint32_t> after;
};

struct use {
  std::uint32_t step;
  hooks::touch how;
};

std::vector<step> steps_of(const trace& t) {
  std::vector<step> steps;
  constexpr std::uint32_t none = 0xFFFFFFFF;
  std::vector<std::uint32_t> last(t.goroutines, none);
  std::vector<std::vector<std::uint32_t>> begun_by(t.goroutines);   // what the next step of each has to come after
  std::unordered_map<const void*, std::vector<use>> uses;           // since the last that wrote, and that one
  for (const event& e : t.events) {
    if (e.is == event::type::created || e.is == event::type::woken) {
      if (e.from != e.who && last[e.from] != none) begun_by[e.who].push_back(last[e.from]);
    }
    if (e.is != event::type::step) continue;
    const auto number = static_cast<std::uint32_t>(steps.size());
    step& s = steps.emplace_back(step{e.who, std::move(begun_by[e.who])});
    begun_by[e.who].clear();
    last[e.who] = number;
    if (e.how == hooks::touch::nothing) continue;
    const auto touch = [&](const void* object) {
      std::vector<use>& of = uses[object];
      for (const use& u : of) {
        if (conflict(u.how, e.how)) s.after.push_back(u.step);
      }
      if (e.how == hooks::touch::writes) of.clear();
      of.push_back({number, e.how});
    };
    touch(e.object);
    for (std::uint32_t k = 0; k < e.more_count; ++k) touch(t.objects[e.more_at + k]);
  }
  return steps;
}

}  // namespace

double linear_extensions(const trace& t, std::size_t most, std::size_t& effort) {
  const std::vector<step> steps = steps_of(t);
  if (steps.size() > most_steps) return 0;
  // What was done is a prefix of each goroutine's steps; so many of each are written as one number.
  std::vector<std::vector<std::uint32_t>> of(t.goroutines);
  std::vector<std::uint64_t> unit(t.goroutines);
  std::vector<std::uint32_t> position(steps.size());
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    position[i] = static_cast<std::uint32_t>(of[steps[i].who].size());
    of[steps[i].who].push_back(i);
  }
  std::uint64_t all = 1;
  for (std::uint32_t g = 0; g < t.goroutines; ++g) {
    unit[g] = all;
    if (__builtin_mul_overflow(all, of[g].size() + 1, &all)) return 0;
  }
  const auto done_of = [&](std::uint64_t set, std::uint32_t g) { return static_cast<std::uint32_t>(set / unit[g] % (of[g].size() + 1)); };
  std::unordered_map<std::uint64_t, double> now{{0, 1.0}}, next;
  std::size_t looked_at = 0;
  for (std::size_t done = 0; done < steps.size(); ++done) {
    next.clear();
    for (const auto& [set, orders] : now) {
      for (std::uint32_t g = 0; g < t.goroutines; ++g) {
        const std::uint32_t at = done_of(set, g);
        if (at == of[g].size()) continue;
        const std::vector<std::uint32_t>& after = steps[of[g][at]].after;
        const auto is_done = [&, s = set](std::uint32_t i) { return position[i] < done_of(s, steps[i].who); };
        if (std::all_of(after.begin(), after.end(), is_done)) next[set + unit[g]] += orders;
      }
    }
    looked_at += next.size();
    if (looked_at > most) break;
    now.swap(next);
  }
  effort += looked_at;
  return looked_at > most ? 0 : now.begin()->second;
}

double estimate::add(const trace& walk) {
  const double orders = effort_ > most_effort ? 0 : linear_extensions(walk, most_sets, effort_);
  double product = 1;
  for (const event& e : walk.events) {
    if (e.is == event::type::step) product *= e.value;
    if (e.is == event::type::choice) product *= e.n;
  }
  add(orders == 0 ? 0 : product / orders);
  return orders == 0 ? 0 : product / orders;
}

void estimate::add(double walk) {
  if (walk == 0) too_large_ = true;
  else if (wants_more()) walks_.push_back(walk);
}

std::optional<behaviours::interval> estimate::classes(std::uint64_t distinct) const {
  if (too_large_ || walks_.size() < fewest_walks) return std::nullopt;
  const auto n = static_cast<double>(walks_.size());
  const double mean = std::accumulate(walks_.begin(), walks_.end(), 0.0) / n;
  double squares = 0;
  for (const double w : walks_) squares += (w - mean) * (w - mean);
  // Weights are skewed: their logarithm's interval does not reach below nothing.
  const double c = std::exp(1.96 * std::sqrt(std::log1p(squares / (n - 1) / n / (mean * mean))));
  const auto seen = static_cast<double>(distinct);
  return behaviours::interval{std::max(mean, seen), std::max(mean / c, seen), std::max(mean * c, seen)};
}

}  // namespace ravel::detector::explore
