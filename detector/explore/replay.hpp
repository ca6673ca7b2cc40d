#pragma once
// Following a line: exactly, shrunk, or in the neighbourhood where the program has changed.

#include <optional>
#include <string>
#include <vector>

#include "detector/explore/engine.hpp"

namespace ravel::detector::explore {

class replay_strategy final : public strategy {
 public:
  replay_strategy(const std::vector<deviation>& line, const namings& names) : line_(&line), names_(&names) {}
  void follow(const std::vector<deviation>& line) { line_ = &line; }
  bool begin(std::uint64_t number) override;
  std::uint32_t next(const hooks::choice& c) override;
  std::uint32_t choose(std::uint32_t n) override;
  void remember(std::vector<std::uint32_t>& out) const override;           // which deviations were followed
  void recall(const std::vector<std::uint32_t>& in) override;
  bool samples() const override { return false; }
  std::size_t fitted() const;                                              // deviations that were followed
  bool used(std::size_t deviation) const { return seen_[deviation] == all; }

 private:
  // Of a deviation. An order is kept when its first operation came while its second was waited with, or had not come yet; and both came.
  enum : std::uint8_t { first = 1, second = 2, all = 3 };
  std::uint32_t deviating(const hooks::choice& c, std::uint32_t decision);
  std::uint32_t chosen(const hooks::choice& c, std::uint32_t otherwise);
  void note_what_is_held(const hooks::choice& c);
  bool is_held(std::uint32_t who) const;
  void took(std::uint32_t who);

  const std::vector<deviation>* line_;
  const namings* names_;      // of the execution this strategy decides
  std::vector<std::uint8_t> seen_;
  std::vector<std::uint32_t> held_;
  std::uint32_t decision_ = 0, choices_ = 0, last_ = 0;
};

// What a schedule is to show: this kind and, unless empty, this key.
struct goal {
  enum api::kind kind = api::kind::race;
  std::string key;
};
const found* shows(const execution& e, const goal& g);

struct shrunk {
  std::vector<deviation> line;
  std::string minimal;        // what is known of its minimality, one sentence; "" when nothing is
  std::uint64_t schedules = 0;
};

// Fewer deviations, preemptions first, that still reach the goal; as the orders that matter, where these lead there.
shrunk shrink(const terms& t, std::vector<deviation> line, const goal& g);

// The orders of operations without which the simplest schedule is not the one that `line` leads to: few, and none can be left out. Nothing
// when orders alone, with the choices of the line, do not reach the goal, or not with as few preemptions.
std::optional<std::vector<deviation>> as_orders(const terms& t, const std::vector<deviation>& line, const goal& g, std::uint64_t& schedules);

// Columns: what the goroutines of `shown`, which follows `line`, did to the objects that its orders are about; and of each order, what comes when
// it is turned round. "" for a line without orders.
std::string explain(const terms& t, const std::vector<deviation>& line, const goal& g, const execution& shown);

struct replayed {
  enum class outcome : std::uint8_t { reproduced, not_reproducible, diverged } how = outcome::not_reproducible;
  std::vector<deviation> line;   // the one that reproduces it
  std::vector<found> failures;
  std::uint64_t schedules = 0;   // tried
  std::string says;              // one sentence
};

inline constexpr std::uint64_t most_repairs = 1000;

replayed replay(const terms& t, const schedule_line& l, bool log);  // log: each operation of the line's own schedule to stderr, as it happens

char letter_of(enum api::kind k);

}  // namespace ravel::detector::explore
