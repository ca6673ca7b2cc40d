#pragma once
// Package time: the clock, sleeping, timers and tickers with the semantics of Go 1.23 (no stale value after stop or reset).

#include <chrono>
#include <cstdint>
#include <functional>
#include <ratio>
#include <type_traits>

#include "chan.hpp"
#include "go.hpp"

RAVEL_NAMESPACE_BEGIN

// A steady clock. All of Ravel's times are its time points.
struct clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<clock>;
  static constexpr bool is_steady = true;
  static time_point now() noexcept;
};

namespace detail {
void sleep_until_ns(std::int64_t deadline);
struct timer_core;
timer_core* make_channel_timer(std::int64_t first, std::int64_t period, const chan<clock::time_point>& c);
recv_chan<clock::time_point> after_until(std::int64_t deadline);
timer_core* make_function_timer(std::int64_t first, closure* f);
void retain(timer_core* t) noexcept;
void release(timer_core* t) noexcept;
bool stop(timer_core* t);
bool reset(timer_core* t, std::int64_t first, std::int64_t period);
const chan<clock::time_point>& channel_of(const timer_core* t);

class timer_handle {
 public:
  timer_handle() noexcept = default;
  explicit timer_handle(timer_core* t) noexcept : core_(t) {}
  timer_handle(const timer_handle& o) noexcept : core_(o.core_) { if (core_ != nullptr) retain(core_); }
  timer_handle(timer_handle&& o) noexcept : core_(o.core_) { o.core_ = nullptr; }
  timer_handle& operator=(timer_handle o) noexcept {
    timer_core* t = core_;
    core_ = o.core_;
    o.core_ = t;
    return *this;
  }
  ~timer_handle() { if (core_ != nullptr) release(core_); }
  timer_core* get() const noexcept { return core_; }

 private:
  timer_core* core_ = nullptr;
};

// The longest there is where d is longer still, as with hours::max().
template <class Rep, class Period>
constexpr clock::duration to_clock(std::chrono::duration<Rep, Period> d) {
  if constexpr (std::is_floating_point_v<Rep> || std::ratio_greater_v<Period, clock::period>) {
    using wide = std::chrono::duration<std::common_type_t<Rep, std::int64_t>, Period>;
    constexpr wide most = std::chrono::duration_cast<wide>(clock::duration::max());
    if (d >= most) return clock::duration::max();
    if (d <= -most) return clock::duration::min();
  }
  return std::chrono::duration_cast<clock::duration>(d);
}
// t + d, for ever where that is too far for the clock.
constexpr clock::time_point later(clock::time_point t, clock::duration d) {
  return d.count() > 0 && t > clock::time_point::max() - d ? clock::time_point::max() : t + d;
}
inline std::int64_t deadline_after(clock::duration d) {
  return later(clock::now(), d.count() > 0 ? d : clock::duration(0)).time_since_epoch().count();
}
}  // namespace detail

// Blocks the goroutine for at least d. Orders nothing.
template <class Rep, class Period>
void sleep_for(std::chrono::duration<Rep, Period> d) { detail::sleep_until_ns(detail::deadline_after(detail::to_clock(d))); }
inline void sleep_until(clock::time_point t) { detail::sleep_until_ns(t.time_since_epoch().count()); }

// Sends the time once on c(), after d. reset and stop return whether the timer was active.
class timer {
 public:
  template <class Rep, class Period>
  explicit timer(std::chrono::duration<Rep, Period> d)
      : core_(detail::make_channel_timer(detail::deadline_after(detail::to_clock(d)), 0, make_chan<clock::time_point>(1))) {}
  explicit timer(detail::timer_handle h) : core_(std::move(h)) {}

  recv_chan<clock::time_point> c() const { return detail::channel_of(core_.get()); }  // nil for after_func's
  bool stop() { return detail::stop(core_.get()); }
  template <class Rep, class Period>
  bool reset(std::chrono::duration<Rep, Period> d) { return detail::reset(core_.get(), detail::deadline_after(detail::to_clock(d)), 0); }

 private:
  detail::timer_handle core_;
};

// Sends the time on c() every d; drops ticks for slow receivers. Panics when d is not positive.
class ticker {
 public:
  template <class Rep, class Period>
  explicit ticker(std::chrono::duration<Rep, Period> d) : core_(started(checked(detail::to_clock(d)))) {}
  ~ticker() { if (core_.get() != nullptr) detail::stop(core_.get()); }
  ticker(ticker&&) noexcept = default;
  ticker& operator=(ticker&&) noexcept = default;

  recv_chan<clock::time_point> c() const { return detail::channel_of(core_.get()); }
  void stop() { detail::stop(core_.get()); }
  template <class Rep, class Period>
  void reset(std::chrono::duration<Rep, Period> d) {
    const clock::duration every = checked(detail::to_clock(d));
    detail::reset(core_.get(), detail::deadline_after(every), every.count());
  }

 private:
  static detail::timer_core* started(clock::duration every) {
    return detail::make_channel_timer(detail::deadline_after(every), every.count(), make_chan<clock::time_point>(1));
  }
  static clock::duration checked(clock::duration d) {
    if (d.count() <= 0) throw panic_error("non-positive interval for NewTicker");
    return d;
  }
  detail::timer_handle core_;
};

// The channel of a new timer. Needs no stop: the timer ends when nobody holds the channel any more, and its memory serves the next one.
template <class Rep, class Period>
recv_chan<clock::time_point> after(std::chrono::duration<Rep, Period> d) { return detail::after_until(detail::deadline_after(detail::to_clock(d))); }

// The channel of a ticker that is never stopped.
template <class Rep, class Period>
recv_chan<clock::time_point> tick(std::chrono::duration<Rep, Period> d) {
  const clock::duration every = detail::to_clock(d);
  if (every.count() <= 0) return {};
  const auto c = make_chan<clock::time_point>(1);
  detail::release(detail::make_channel_timer(detail::deadline_after(every), every.count(), c));  // the heap keeps it for ever, as in Go
  return c;
}

// Runs f in a goroutine of its own, after d, unless stopped before. Starting it happens before f.
template <class Rep, class Period, class F>
timer after_func(std::chrono::duration<Rep, Period> d, F&& f) {
  return timer(detail::timer_handle(detail::make_function_timer(detail::deadline_after(detail::to_clock(d)), detail::new_closure(std::forward<F>(f)))));
}

RAVEL_NAMESPACE_END
