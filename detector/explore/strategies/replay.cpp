// Replay: the simplest schedule, but for the deviations of a line. A deviation that fits nowhere is left out; which did is counted.
//
// A goroutine about to take the second operation of an order waits until the first was taken. Where all that could go on wait so, the orders
// cannot be kept: one is given up.

#include <algorithm>

#include "detector/explore/replay.hpp"

namespace ravel::detector::explore {

bool replay_strategy::begin(std::uint64_t) {
  seen_.assign(line_->size(), 0);
  decision_ = choices_ = last_ = 0;
  return true;
}

std::size_t replay_strategy::fitted() const { return static_cast<std::size_t>(std::count(seen_.begin(), seen_.end(), all)); }

std::uint32_t replay_strategy::deviating(const hooks::choice& c, std::uint32_t decision) {
  for (std::size_t i = 0; i < line_->size(); ++i) {
    const deviation& d = (*line_)[i];
    if (seen_[i] != 0) continue;
    std::uint32_t then = namings::none;
    switch (d.is) {
      case deviation::type::numbered_switch:
        if (d.nth == decision) then = d.value;
        break;
      case deviation::type::preemption:
      case deviation::type::turn:
        if (d.at == names_->pending(c.current) && d.who == names_->of(c.current)) then = names_->find(d.then);
        break;
      case deviation::type::choice:
      case deviation::type::numbered_choice:
      case deviation::type::order:
      case deviation::type::first: break;
    }
    if (then == namings::none || then >= c.count || c.all[then].is != hooks::controlled_goroutine::condition::enabled) continue;
    seen_[i] = all;
    return then;
  }
  return namings::none;
}

void replay_strategy::note_what_is_held(const hooks::choice& c) {
  held_.clear();
  for (std::size_t i = 0; i < line_->size(); ++i) {
    const deviation& d = (*line_)[i];
    if (d.is != deviation::type::order || seen_[i] == all) continue;
    const std::uint32_t g = names_->find(d.then);
    if (g == namings::none || g >= c.count || names_->operation(g) != d.then_at) continue;
    seen_[i] |= second;
    if (seen_[i] != all) held_.push_back(g);
  }
}

bool replay_strategy::is_held(std::uint32_t who) const { return std::find(held_.begin(), held_.end(), who) != held_.end(); }

// An order whose second operation was taken first never becomes one that was kept.
void replay_strategy::took(std::uint32_t who) {
  for (std::size_t i = 0; i < line_->size(); ++i) {
    const deviation& d = (*line_)[i];
    if (d.is != deviation::type::order || seen_[i] == all || d.at != names_->operation(who) || d.who != names_->of(who)) continue;
    const std::uint32_t g = names_->find(d.then);
    if ((seen_[i] & second) == 0 || (g != namings::none && names_->operation(g) == d.then_at)) seen_[i] |= first;
  }
}

// Whose turn it is when the one before cannot go on.
std::uint32_t replay_strategy::chosen(const hooks::choice& c, std::uint32_t otherwise) {
  for (std::size_t i = 0; i < line_->size(); ++i) {
    if ((*line_)[i].is != deviation::type::first) continue;
    const std::uint32_t g = names_->find((*line_)[i].who);
    if (g == namings::none || g >= c.count || c.all[g].is != hooks::controlled_goroutine::condition::enabled || is_held(g)) continue;
    seen_[i] = all;
    return g;
  }
  const auto* free = std::find_if(c.enabled, c.enabled + c.enabled_count, [&](std::uint32_t g) { return !is_held(g); });
  return free != c.enabled + c.enabled_count ? *free : otherwise;
}

std::uint32_t replay_strategy::next(const hooks::choice& c) {
  const std::uint32_t decision = decision_++;
  choices_ = 0;
  note_what_is_held(c);
  last_ = deviating(c, decision);
  if (last_ == namings::none) {
    const bool goes_on = c.all[c.current].is == hooks::controlled_goroutine::condition::enabled;
    last_ = goes_on ? c.current : c.enabled[0];
    if (!goes_on || is_held(last_)) last_ = chosen(c, last_);
  }
  took(last_);
  return last_;
}

void replay_strategy::remember(std::vector<std::uint32_t>& out) const { out.insert(out.end(), seen_.begin(), seen_.end()); }

void replay_strategy::recall(const std::vector<std::uint32_t>& in) {
  for (std::size_t i = 0; i < in.size() && i < seen_.size(); ++i) seen_[i] = static_cast<std::uint8_t>(in[i]);
}

std::uint32_t replay_strategy::choose(std::uint32_t n) {
  const std::uint32_t decision = decision_++, nth = choices_++;
  for (std::size_t i = 0; i < line_->size(); ++i) {
    const deviation& d = (*line_)[i];
    if (seen_[i] != 0 || d.value >= n) continue;
    const bool fits = d.is == deviation::type::numbered_choice
                          ? d.nth == decision
                          : d.is == deviation::type::choice && d.nth == nth && d.at == names_->pending(last_) && d.who == names_->of(last_);
    if (!fits) continue;
    seen_[i] = all;
    return d.value;
  }
  return 0;
}

}  // namespace ravel::detector::explore
