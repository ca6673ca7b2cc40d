#pragma once
// Who goes on: a strategy. Each is a file in strategies/ that cites its paper.
//
// Schedules are numbered from 0. A strategy is a function of seed, number and what it has learnt from the traces of earlier schedules: so a
// schedule can be run again, and schedules can be run in other processes that send their traces back.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detector/explore/random.hpp"
#include "detector/explore/trace.hpp"

namespace ravel::detector::explore {

class strategy {
 public:
  static constexpr std::uint32_t give_up = 0xFFFFFFFF;
  virtual ~strategy() = default;
  virtual bool begin(std::uint64_t number) = 0;                     // false: no schedule is left
  // A goroutine's number, out of c.enabled, or give_up: the schedule would only repeat another.
  virtual std::uint32_t next(const hooks::choice& c) = 0;
  virtual bool lets_fall_due() const { return false; }              // else falls_due is not asked
  virtual hooks::schedule_policy::due falls_due(const hooks::choice&) { return {}; }  // before next: who is let go on by time first
  virtual std::uint32_t choose(std::uint32_t n) = 0;                // below n
  virtual void learn(const trace&) {}                               // of the schedule that began last
  virtual bool wants_enabled() const { return false; }              // traces hold the lists of the enabled
  virtual bool exhausted() const { return false; }                  // begin said false because every schedule has been run
  // What this strategy has noted since begin, for one that learns from it in another process: recall there is told what remember says here.
  virtual void remember(std::vector<std::uint32_t>&) const {}
  virtual void recall(const std::vector<std::uint32_t>&) {}
  virtual bool draws_evenly() const { return false; }               // the present schedule: each of n that can be taken with probability 1/n
  virtual bool samples() const { return true; }                     // schedules are drawn at random, so what was not seen can be estimated
};

// `text` as in explore::options::strategy. Throws std::invalid_argument.
std::unique_ptr<strategy> make_strategy(std::string_view text, std::uint64_t seed);

std::unique_ptr<strategy> make_round_robin();
std::unique_ptr<strategy> make_random(std::uint64_t seed);
std::unique_ptr<strategy> make_pct(std::uint64_t seed, std::uint32_t depth);
std::unique_ptr<strategy> make_pos(std::uint64_t seed);
std::unique_ptr<strategy> make_surw(std::uint64_t seed);
std::unique_ptr<strategy> make_rf(std::uint64_t seed);
std::unique_ptr<strategy> make_bounded(std::uint32_t preemptions);
std::unique_ptr<strategy> make_exhaustive();
std::unique_ptr<strategy> make_portfolio(std::uint64_t seed);

}  // namespace ravel::detector::explore
