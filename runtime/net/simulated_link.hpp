#pragma once
// A connection of the simulated network: two ends in memory, each step of which the schedule's policy orders, and faults that it chooses.
// Private to net/; only race builds have it. TCP's rules: a stream without borders, an end that was closed with unread data resets.
//
// Invariants: only goroutines of the run that made it touch a link, on that run's one thread, and none is switched away from between two
// points: so there is no lock. `incoming` holds what the other end wrote and this one has not read, oldest first, `queued` its bytes, and
// `visible_at` only grows along it. The alarm is set for the earliest moment at which somebody who waits could go on.
// Edges are exact: each piece carries what its writer knew, and only who reads of it learns that.

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <system_error>
#include <vector>

#include "runtime/hooks/hooks.hpp"
#include "runtime/include/ravel/io.hpp"
#include "runtime/sched/timers.hpp"

namespace ravel::simulated {

using bytes = io::bytes;
using const_bytes = io::const_bytes;

inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

enum class fate : std::uint8_t { sound, reset, silence };

class alarm;

class link {
 public:
  // The fate strikes at the operation number `after`, from 1, of both ends together.
  link(fate f, std::uint32_t after);
  ~link();
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  std::size_t read(int end, bytes to, std::error_code& error);
  std::size_t write(int end, const_bytes from, std::error_code& error);
  void close(int end, std::error_code& error);
  void close_write(int end, std::error_code& error);
  void set_deadline(int end, bool of_reads, std::int64_t when, std::error_code& error);  // never: none
  bool is_readable(int end);
  void break_off();                       // nobody will accept it

 private:
  friend class alarm;

  struct piece {
    std::vector<std::byte> data;
    std::size_t taken = 0;
    std::int64_t visible_at = 0;
    hooks::sync_object known;             // by its writer
    explicit piece(const_bytes d) : data(d.begin(), d.end()) {}
    ~piece() { hooks::destroyed(known); }
  };
  struct side {
    std::deque<std::unique_ptr<piece>> incoming;
    std::size_t queued = 0;
    std::int64_t read_deadline = never, write_deadline = never;
    bool closed = false, wrote_end = false, writes = false;
    bool ended = false;                   // nothing more will come
    std::int64_t end_visible_at = 0;
    std::error_code end_error, write_error;
    hooks::sync_object end_known;         // by who ended it
  };

  bool readable(int end) const;
  bool writable(int end) const;
  template <int End>
  static bool can_read(const void* l) { return static_cast<const link*>(l)->readable(End); }
  template <int End>
  static bool can_write(const void* l) { return static_cast<const link*>(l)->writable(End); }
  template <int End>
  static bool may_begin_write(const void* l) { return !static_cast<const link*>(l)->sides_[End].writes && can_write<End>(l); }

  bool usable(int end, std::error_code& error) const;
  void strike();
  void break_with(std::errc e);
  void send(int end, const_bytes all, std::size_t& done);
  void end_stream_of(int end, std::error_code with);
  std::int64_t arrival(const side& to) const;
  std::size_t take(side& s, bytes to);
  void set_alarm();

  const std::uint64_t run_;
  fate fate_;
  std::uint32_t until_strike_;
  std::size_t lost_ = 0;                  // bytes sent in silence, of both
  std::int64_t given_up_at_ = never;      // by the system, which has sent again and again
  std::error_code broken_;
  side sides_[2];
  alarm* alarm_;
};

// 0, 10 ms or 1 s where delays are asked for.
std::int64_t chosen_delay();

}  // namespace ravel::simulated
