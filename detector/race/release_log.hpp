#pragma once
// The last releases of a goroutine, so that a report can say when two goroutines last heard of each other.
//
// Kept newest-last in a small ring that grows to `most`; older ones are forgotten (the report then says how far back). For people only:
// verdicts never depend on it.

#include <cstdint>

#include "detector/clock/clock_trie.hpp"
#include "detector/shadow/access_record.hpp"
#include "runtime/hooks/event_sink.hpp"

namespace ravel::detector {

struct release_entry {
  clock_time time;
  stack_id stack;
  hooks::operation operation;
};

class release_log {
 public:
  static constexpr std::uint32_t most = 64;

  void add(clock_time time, hooks::operation operation, stack_id stack);
  void take_back() noexcept;  // the last one, after an add

  // The oldest kept release at or after which `time` was known to others: the one that published it. Null when forgotten or never.
  const release_entry* publisher_of(clock_time time) const noexcept;

  void clear() noexcept;

 private:
  struct ring { release_entry entry[most]; };
  static constexpr std::uint32_t few = 2;

  const release_entry& at(std::uint32_t i) const noexcept { return ring_ != nullptr ? ring_->entry[i % most] : first_[i]; }

  release_entry first_[few];
  ring* ring_ = nullptr;
  std::uint32_t count_ = 0;  // in all
};

}  // namespace ravel::detector
