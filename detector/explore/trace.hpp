#pragma once
// What happened in one schedule, in order.

#include <cstdint>
#include <vector>

#include "runtime/hooks/controlled.hpp"

namespace ravel::detector::explore {

struct event {
  enum class type : std::uint8_t {
    step,     // `who` takes its pending step; `from`: who asked
    choice,   // `value` of `n`, by whoever took the last step
    created,  // `who` by `from`
    woken,    // `who` by `from`; by itself: by time
  };
  type is = type::step;
  hooks::op what = hooks::op::begin;
  hooks::touch how = hooks::touch::nothing;
  std::uint8_t from_was = 0;         // hooks::controlled_goroutine::condition of `from` when it asked
  std::uint32_t who = 0;
  std::uint32_t from = 0;
  std::uint32_t value = 0;           // choice; step: how many were enabled
  std::uint32_t n = 0;               // choice; step: where its list of the enabled begins
  std::uint32_t more_at = 0;         // further objects, in trace::objects
  std::uint32_t more_count = 0;
  const void* object = nullptr;
  std::uintptr_t place = 0;
};

struct trace {
  std::vector<event> events;
  std::vector<std::uint32_t> enabled;     // lists of step events, when the strategy wants them
  std::vector<const void*> objects;
  hooks::controlled_result result;
  std::uint32_t goroutines = 0;
  bool all_ended = false;                 // and so every step that was announced has been taken
  void clear() {
    events.clear();
    enabled.clear();
    objects.clear();
    goroutines = 0;
    all_ended = false;
  }
};

inline bool conflict(hooks::touch a, hooks::touch b) {
  using hooks::touch;
  if (a == touch::nothing || b == touch::nothing) return false;
  return a == touch::writes || b == touch::writes || a != b;
}

// The class of schedules that differ only in the order of steps that commute: equal for two of one class, and, but for a collision of 64 bits,
// only for them.
std::uint64_t fingerprint(const trace& t);

}  // namespace ravel::detector::explore
