// A failing schedule as the orders of operations that matter.
//
// Two schedules that take conflicting steps in the same order are the same to the program (Mazurkiewicz: Trace theory, LNCS 255, 1987). So the
// simplest schedule that keeps the orders found so far is compared with the failing one, step by step: a step that the failing schedule
// takes later, with nothing between that conflicts with it, is as good here. At the first that is not, the last step it conflicts with has to
// come before it: an order more. Where somebody had to be chosen, it is enough to say whom. Then each is left out whose absence changes nothing.

#include <algorithm>

#include "detector/explore/replay.hpp"

namespace ravel::detector::explore {

namespace {

constexpr std::size_t most_orders = 40;

constexpr step_name begins{static_cast<std::uint32_t>(hooks::op::begin), 0};

struct taken {
  goroutine_name who;
  step_name at;
  bool goes_on = false;   // took the step before too
  hooks::touch how = hooks::touch::nothing;
  std::vector<std::uint64_t> objects;
  bool same(const taken& o) const { return who == o.who && at == o.at; }
};

bool depend(const taken& a, const taken& b) {
  if (a.who == b.who || !conflict(a.how, b.how)) return false;
  return std::any_of(a.objects.begin(), a.objects.end(), [&](std::uint64_t o) { return std::find(b.objects.begin(), b.objects.end(), o) != b.objects.end(); });
}

std::vector<taken> steps_of(const execution& e) {
  std::vector<taken> all;
  all.reserve(e.taken.size());
  for (const taken_step& s : e.taken) {
    const event& what = e.happened.events[s.event];
    taken& t = all.emplace_back(taken{s.who, s.at, what.from == what.who, what.how, {}});
    if (what.object != nullptr) t.objects.push_back(e.names.identity(what.object));
    for (std::uint32_t k = 0; k < what.more_count; ++k) {
      if (const void* more = e.happened.objects[what.more_at + k]) t.objects.push_back(e.names.identity(more));
    }
  }
  return all;
}

bool is_in(const std::vector<deviation>& line, const deviation& d) { return std::find(line.begin(), line.end(), d) != line.end(); }

// What has to be added to `line` because `got`, to which it leads, does not keep an order of `wanted`; nothing when they are the same, or differ
// in length alone.
std::optional<deviation> first_order_missing(std::vector<taken> wanted, const std::vector<taken>& got, const std::vector<deviation>& line) {
  for (std::size_t k = 0; k < wanted.size() && k < got.size(); ++k) {
    const taken& step = got[k];
    if (wanted[k].same(step)) continue;
    const auto here = wanted.begin() + static_cast<std::ptrdiff_t>(k);
    const auto later = std::find_if(here, wanted.end(), [&](const taken& w) { return w.who == step.who; });
    const auto last = std::find_if(std::make_reverse_iterator(later), std::make_reverse_iterator(here), [&](const taken& w) { return depend(w, step); });
    if (last != std::make_reverse_iterator(here)) {
      const bool began = k != 0 && got[k - 1].who == step.who && got[k - 1].at == begins;
      deviation d;
      d.is = deviation::type::first;
      d.who = wanted[k].who;
      if (!(began ? got[k - 1] : step).goes_on && !is_in(line, d)) return d;
      d.is = deviation::type::order;
      d.who = last->who;
      d.at = last->at;
      d.then = step.who;
      d.then_at = step.at;
      // Held back before its first operation rather than at it: then nobody is interrupted.
      if (began) d.then_at = begins;
      return d;
    }
    if (later != wanted.end()) std::rotate(here, later, later + 1);
    else wanted.insert(here, step);
  }
  return std::nullopt;
}

class ordering {
 public:
  ordering(const terms& t, const goal& g, std::uint64_t& schedules) : terms_(t), goal_(g), follower_(none_, out_.names), schedules_(schedules) {}

  bool reaches(const std::vector<deviation>& line) {
    follower_.follow(line);
    follower_.begin(0);
    execute(terms_, follower_, {.names = true, .operations = true}, out_);
    ++schedules_;
    return shows(out_, goal_) != nullptr;
  }
  bool find(const std::vector<deviation>& line, std::vector<deviation>& orders) {
    if (!reaches(line)) return false;
    const std::vector<taken> wanted = steps_of(out_);
    for (const taken& w : wanted) {
      if (std::find(goroutines.begin(), goroutines.end(), w.who) == goroutines.end()) goroutines.push_back(w.who);
    }
    for (std::size_t n = 0; n < most_orders; ++n) {
      if (reaches(orders)) return true;
      const std::optional<deviation> missing = first_order_missing(wanted, steps_of(out_), orders);
      if (!missing || is_in(orders, *missing)) return false;
      orders.push_back(*missing);
    }
    return false;
  }
  std::vector<goroutine_name> goroutines;  // of the schedule that was found
  std::uint32_t preemptions_now() const { return preemptions(out_.deviations); }

 private:
  const terms& terms_;
  const goal& goal_;
  execution out_;
  std::vector<deviation> none_;
  replay_strategy follower_;
  std::uint64_t& schedules_;
};

}  // namespace

std::optional<std::vector<deviation>> as_orders(const terms& t, const std::vector<deviation>& line, const goal& g, std::uint64_t& schedules) {
  using type = deviation::type;
  std::vector<deviation> orders;
  for (const deviation& d : line) {
    if (d.is == type::numbered_switch || d.is == type::numbered_choice) return std::nullopt;
    if (d.is == type::choice) orders.push_back(d);
  }
  const std::uint32_t enough = preemptions(line);
  ordering by(t, g, schedules);
  if (!by.find(line, orders)) return std::nullopt;
  // Who is held back is interrupted; another may have to be chosen first for that to be rare.
  for (std::size_t i = 0; i < by.goroutines.size() && by.preemptions_now() > enough; ++i) {
    std::vector<deviation> more = orders;
    more.emplace_back().is = type::first;
    more.back().who = by.goroutines[i];
    if (!is_in(orders, more.back()) && by.reaches(more) && by.preemptions_now() <= enough) orders = std::move(more);
    else by.reaches(orders);
  }
  for (std::size_t i = orders.size(); i-- > 0;) {
    std::vector<deviation> fewer = orders;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (by.reaches(fewer) && by.preemptions_now() <= enough) orders = std::move(fewer);
  }
  if (!by.reaches(orders) || by.preemptions_now() > enough) return std::nullopt;
  return orders;
}

}  // namespace ravel::detector::explore
