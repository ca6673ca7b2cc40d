#pragma once
// A schedule as reports show it: what each goroutine did, where in the source, and how full the channels were. Only of the run that is shown
// to people; the trace that strategies learn from has no places.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "detector/explore/names.hpp"
#include "detector/explore/trace.hpp"
#include "detector/report/report.hpp"

namespace ravel::detector::explore {

const char* word_for(hooks::op o);   // "mutex_lock"

class schedule_log {
 public:
  // `who` is about to take its pending step, the event number `event` of the trace. Called within the run: channels can be asked.
  void step(const hooks::choice& c, std::uint32_t who, const namings& names, std::size_t event);

  // The schedule, and where in it the two accesses were: the present one was seen when there were `events` events.
  void describe_race(const trace& t, std::size_t events, report::finding& f) const;

  // The schedule, and what each goroutine that has not ended does; `all`: the run's goroutines while they are there, else null.
  void describe_ending(const trace& t, const hooks::controlled_goroutine* all, report::finding& f) const;

 private:
  struct noted {
    std::size_t event = 0;
    std::uintptr_t place = 0;
    std::int64_t length = -1;
    std::uint64_t capacity = 0;
    bool closed = false;
  };
  struct written;
  written write(const trace& t) const;
  std::vector<report::held_lock> held(const trace& t, std::uint32_t who, const event* waits_in) const;

  std::vector<noted> steps_;
  std::vector<report::goroutine> goroutines_;
};

}  // namespace ravel::detector::explore
