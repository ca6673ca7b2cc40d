#pragma once
// Follows a recording: of those who may go on, the goroutine whose next operation has the lowest stamp; before that, time for who sleeps and for
// timers whose stamps are lower still.

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "detector/explore/strategy.hpp"
#include "detector/record/read_record.hpp"
#include "runtime/hooks/order.hpp"

namespace ravel::detector::explore {

class recorded_strategy final : public strategy, public hooks::order_keeper {
 public:
  explicit recorded_strategy(const record::recording& r);

  bool begin(std::uint64_t number) override;
  std::uint32_t next(const hooks::choice& c) override;
  std::uint32_t choose(std::uint32_t n) override { return std::min(std::exchange(settled_, 0), n - 1); }
  void settles(std::uint32_t choice) override { settled_ = choice; }
  bool lets_fall_due() const override { return true; }
  hooks::schedule_policy::due falls_due(const hooks::choice& c) override;
  bool samples() const override { return false; }
  void remember(std::vector<std::uint32_t>& out) const override;
  void recall(const std::vector<std::uint32_t>& in) override;

  void main_begins() override {}
  void took(hooks::op what, std::uint32_t outcome, const void* const*, std::size_t) override { follow(what, outcome); }
  void took(hooks::op what, std::uint32_t outcome, const owned*, std::size_t) override { follow(what, outcome); }
  void took_at(std::uint64_t, hooks::op what, std::uint32_t outcome) override { follow(what, outcome); }
  bool is_counted_look(const void* atomic, std::uint32_t size, std::uint64_t& value) override;
  void started_timer(const void* timer, hooks::timer_name& name) override;
  void fired(const hooks::timer_name& timer, const owned* channel) override;
  void created(hooks::goroutine_view*, hooks::goroutine_view&, bool) override {}
  void resumed(hooks::goroutine_view&) override {}
  void suspended() override {}
  void main_returned() override { main_returned_ = true; }
  std::uint32_t wanted(hooks::op what) override;

  // "" or where the program first did something else than was recorded, in one sentence.
  const std::string& divergence() const { return divergence_; }
  std::uint64_t repeated() const { return repeated_; }   // operations

 private:
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
  struct value_read {
    std::uint64_t value;
    std::uint32_t size;
  };
  struct followed {
    const record::recorded_goroutine* as = nullptr;      // null: no such one was recorded
    std::uint64_t done = 0;
    std::size_t next_resumption = 0, next_looks = 0;
    std::uint64_t looked = 0;                            // of the next looks
    std::unordered_map<const void*, value_read> read;    // of atomics, by the last load that was told
    bool let_go = false;                                 // time has let it go on, and it has not been chosen since
  };
  struct timer {
    const void* is = nullptr;
    const std::vector<std::uint64_t>* stamps = nullptr;
    std::size_t next = 0;
  };

  void meet(const hooks::choice& c);
  static bool finds_nothing_new(followed& f);
  std::uint64_t stamp_of(const hooks::choice& c, std::uint32_t i);
  followed* running();
  void note(const std::string& what);
  void follow(hooks::op what, std::uint32_t outcome);

  const record::recording& recording_;
  std::unordered_map<std::uint64_t, const record::recorded_goroutine*> by_birth_;   // parent and nth
  std::vector<followed> all_;
  std::vector<timer> timers_;
  std::uint32_t by_timers_ = 0;
  std::uint32_t last_chosen_ = 0, settled_ = 0;
  std::uintptr_t frame_ = 0;                             // of the step that is being taken
  std::uint64_t repeated_ = 0, beyond_ = 0;
  bool main_returned_ = false;
  std::string divergence_;
};

}  // namespace ravel::detector::explore
