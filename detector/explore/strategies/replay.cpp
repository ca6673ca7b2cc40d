// Replay: the simplest schedule, but for the deviations of a line. A deviation that fits nowhere is left out; which did is counted.

#include "detector/explore/replay.hpp"

namespace ravel::detector::explore {

bool replay_strategy::begin(std::uint64_t) {
  used_.assign(line_->size(), false);
  decision_ = choices_ = last_ = 0;
  fitted_ = 0;
  return true;
}

std::uint32_t replay_strategy::next(const hooks::choice& c) {
  const std::uint32_t decision = decision_++;
  choices_ = 0;
  const bool goes_on = c.all[c.current].is == hooks::controlled_goroutine::condition::enabled;
  last_ = goes_on ? c.current : c.enabled[0];
  for (std::size_t i = 0; i < line_->size(); ++i) {
    const deviation& d = (*line_)[i];
    if (used_[i]) continue;
    std::uint32_t then = namings::none;
    if (d.is == deviation::type::numbered_switch) {
      if (d.nth == decision) then = d.value;
    } else if (d.is != deviation::type::choice && d.is != deviation::type::numbered_choice) {
      if (d.at == names_->pending(c.current) && d.who == names_->of(c.current)) then = names_->find(d.then);
    }
    if (then == namings::none || then >= c.count || c.all[then].is != hooks::controlled_goroutine::condition::enabled) continue;
    used_[i] = true;
    ++fitted_;
    return last_ = then;
  }
  return last_;
}

void replay_strategy::remember(std::vector<std::uint32_t>& out) const {
  for (std::size_t i = 0; i < used_.size(); ++i) {
    if (used_[i]) out.push_back(static_cast<std::uint32_t>(i));
  }
}

void replay_strategy::recall(const std::vector<std::uint32_t>& in) {
  fitted_ = in.size();
  for (const std::uint32_t i : in) used_[i] = true;
}

std::uint32_t replay_strategy::choose(std::uint32_t n) {
  const std::uint32_t decision = decision_++, nth = choices_++;
  for (std::size_t i = 0; i < line_->size(); ++i) {
    const deviation& d = (*line_)[i];
    if (used_[i] || d.value >= n) continue;
    const bool fits = d.is == deviation::type::numbered_choice
                          ? d.nth == decision
                          : d.is == deviation::type::choice && d.nth == nth && d.at == names_->pending(last_) && d.who == names_->of(last_);
    if (!fits) continue;
    used_[i] = true;
    ++fitted_;
    return d.value;
  }
  return 0;
}

}  // namespace ravel::detector::explore
