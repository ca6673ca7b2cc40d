#include "runtime/net/simulated_link.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/hooks/controlled.hpp"
#include "runtime/include/ravel/detail/io_error.hpp"
#include "runtime/netpoll/system_calls.hpp"
#include "runtime/sched/scheduler.hpp"

namespace ravel::simulated {

namespace {

namespace fault = hooks::network_fault;

constexpr std::size_t room = 64 << 10;                             // for what the other end has not read
constexpr std::int64_t system_gives_up_after = 924'600'000'000;    // Linux: tcp_retries2 = 15

bool asked_for(std::uint32_t f) { return (hooks::controlled_network_faults() & f) != 0; }

// Of n > 1: all, one, or about half.
std::size_t chosen_part(std::size_t n) {
  switch (sched::choose_index(3)) {
    case 1: return 1;
    case 2: return (n + 1) / 2;
    default: return n;
  }
}

std::error_code made(std::errc e) { return std::make_error_code(e); }

void tell(hooks::sync_object& o) {
  if constexpr (hooks::enabled) hooks::sink().release_merge(sched::current(), o, hooks::operation::descriptor_write);
}
void learn(hooks::sync_object& o) {
  if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), o, hooks::operation::descriptor_write);
}

}  // namespace

std::int64_t chosen_delay() {
  constexpr std::int64_t delays[] = {0, 10'000'000, 1'000'000'000};
  return asked_for(fault::delay) ? delays[sched::choose_index(3)] : 0;
}

// The timer of a link. Entries in the heap keep the memory, since they may outlive the link.
class alarm final : sched::timer_base {
 public:
  explicit alarm(link& l) : link_(&l) {
    due = [](sched::timer_base& b, std::uint64_t g, sched::timer_heap& heap) { static_cast<alarm&>(b).ring(g, heap); };
    drop = [](sched::timer_base& b) { static_cast<alarm&>(b).let_go(); };
    cancel = [](sched::timer_base& b) { static_cast<alarm&>(b).forget_entry(); };
  }
  void set(std::int64_t when) {
    if (when == at_) return;
    if (at_ != never) {
      forget_entry();
      home_->stopped();
    }
    if (when == never) return;
    at_ = when;
    ++holders_;
    home_ = &sched::timers_here();
    home_->add(when, *this, generation.fetch_add(1, std::memory_order_relaxed) + 1);
  }
  // At the end of a run the heap is cleared anyway.
  void link_is_gone(bool of_present_run) {
    if (of_present_run) set(never);
    link_ = nullptr;
    let_go();
  }

 private:
  void ring(std::uint64_t of, sched::timer_heap& heap) {
    if (generation.load(std::memory_order_relaxed) != of) return;
    forget_entry();
    if (link_ != nullptr) {
      hooks::changed(link_);
      link_->set_alarm();
    }
    heap.finished();
  }
  void forget_entry() {
    generation.fetch_add(1, std::memory_order_relaxed);
    at_ = never;
  }
  void let_go() {
    if (--holders_ == 0) delete this;
  }

  link* link_;
  std::int64_t at_ = never;
  sched::timer_heap* home_ = nullptr;
  int holders_ = 1;
};

link::link(fate f, std::uint32_t after) : run_(hooks::controlled_run_number()), fate_(f), until_strike_(after), alarm_(new alarm(*this)) {}

link::~link() {
  alarm_->link_is_gone(hooks::controlled_run_active() && run_ == hooks::controlled_run_number());
  for (side& s : sides_) hooks::destroyed(s.end_known);
}

bool link::readable(int end) const {
  const side& s = sides_[end];
  const std::int64_t now = sched::now_ns();
  if (s.closed || broken_ || s.read_deadline <= now || given_up_at_ <= now) return true;
  return s.incoming.empty() ? s.ended && s.end_visible_at <= now : s.incoming.front()->visible_at <= now;
}

bool link::writable(int end) const {
  const side &s = sides_[end], &other = sides_[1 - end];
  const std::int64_t now = sched::now_ns();
  if (s.closed || s.wrote_end || s.write_error || broken_ || s.write_deadline <= now || given_up_at_ <= now) return true;
  return fate_ == fate::silence && until_strike_ == 0 ? lost_ < room : other.closed || other.queued < room;
}

// False: says why not.
bool link::usable(int end, std::error_code& error) const {
  error.clear();
  if (!hooks::in_controlled_run() || run_ != hooks::controlled_run_number() || sides_[end].closed) error = io::errc::closed;
  return !error;
}

void link::strike() {
  if (until_strike_ == 0 || fate_ == fate::sound || --until_strike_ != 0) return;
  if (fate_ == fate::silence) {
    given_up_at_ = sched::now_ns() + system_gives_up_after;
    hooks::changed(this);
    set_alarm();
  } else {
    break_with(std::errc::connection_reset);
  }
}

void link::break_off() {
  RAVEL_POINT(net_close, writes, this);
  break_with(std::errc::connection_reset);
}

void link::break_with(std::errc e) {
  broken_ = made(e);
  for (side& s : sides_) {
    s.incoming.clear();
    s.queued = 0;
  }
  hooks::changed(this);
  set_alarm();
}

std::size_t link::take(side& s, bytes to) {
  std::size_t n = 0;
  const std::int64_t now = sched::now_ns();
  while (n < to.size() && !s.incoming.empty() && s.incoming.front()->visible_at <= now) {
    piece& p = *s.incoming.front();
    const std::size_t part = std::min(to.size() - n, p.data.size() - p.taken);
    {
      const hooks::own_use ours;
      std::memcpy(to.data() + n, p.data.data() + p.taken, part);
    }
    n += part;
    p.taken += part;
    learn(p.known);
    if (p.taken == p.data.size()) s.incoming.pop_front();
  }
  s.queued -= n;
  netpoll::calls::learned(to.data(), static_cast<long>(n));
  return n;
}

std::size_t link::read(int end, bytes to, std::error_code& error) {
  error.clear();
  if (to.empty()) return 0;
  side& s = sides_[end];
  for (bool first = true;; first = false) {
    RAVEL_POINT_WHEN(net_read, writes, this, io_wait, (end == 0 ? can_read<0> : can_read<1>));
    if (!usable(end, error)) return 0;
    if (first) strike();
    const std::int64_t now = sched::now_ns();
    if (s.read_deadline <= now) error = io::errc::deadline_exceeded;
    else if (broken_) error = broken_;
    else if (given_up_at_ <= now) error = made(std::errc::timed_out);
    if (error) return 0;
    if (!readable(end)) continue;  // what was there is lost
    std::size_t n = 0;
    if (!s.incoming.empty()) {
      if (asked_for(fault::short_reads) && to.size() > 1) to = to.first(chosen_part(std::min(to.size(), s.queued)));
      n = take(s, to);
    } else {
      learn(s.end_known);
      error = s.end_error;
    }
    hooks::changed(this);
    set_alarm();
    return n;
  }
}

std::int64_t link::arrival(const side& to) const {
  const std::int64_t at = sched::now_ns() + chosen_delay();
  return to.incoming.empty() ? at : std::max(at, to.incoming.back()->visible_at);
}

// Some of what is left, as much as there is room for.
void link::send(int end, const_bytes all, std::size_t& done) {
  side &s = sides_[end], &other = sides_[1 - end];
  const_bytes part = all.subspan(done);
  if (fate_ == fate::silence && until_strike_ == 0) {
    part = part.first(std::min(part.size(), room - lost_));
    lost_ += part.size();
  } else if (other.closed) {
    // The other end's system answers with a reset, which comes later than this write's success.
    s.write_error = made(std::errc::broken_pipe);
  } else {
    part = part.first(std::min(part.size(), room - other.queued));
    if (asked_for(fault::split_writes) && part.size() > 1) part = part.first(chosen_part(part.size()));
    const std::int64_t at = arrival(other);
    netpoll::calls::told(part.data(), part.size());
    {
      const hooks::own_use ours;
      other.incoming.push_back(std::make_unique<piece>(part));
    }
    other.incoming.back()->visible_at = at;
    other.queued += part.size();
    tell(other.incoming.back()->known);
  }
  done += part.size();
}

std::size_t link::write(int end, const_bytes from, std::error_code& error) {
  error.clear();
  side& s = sides_[end];
  std::size_t done = 0;
  // Writes are whole: the next one begins when this one is done.
  struct turn {
    link* l = nullptr;
    bool* writes = nullptr;
    ~turn() {
      if (writes == nullptr) return;
      *writes = false;
      hooks::changed(l);
    }
  } mine;
  do {
    if (mine.writes == nullptr) RAVEL_POINT_WHEN(net_write, writes, this, io_wait, (end == 0 ? may_begin_write<0> : may_begin_write<1>));
    else RAVEL_POINT_WHEN(net_write, writes, this, io_wait, (end == 0 ? can_write<0> : can_write<1>));
    if (!usable(end, error)) return done;
    if (mine.writes == nullptr) {
      strike();
      s.writes = true;
      mine = {this, &s.writes};
    }
    const std::int64_t now = sched::now_ns();
    if (s.write_deadline <= now) error = io::errc::deadline_exceeded;
    else if (broken_) error = broken_;
    else if (given_up_at_ <= now) error = made(std::errc::timed_out);
    else if (s.wrote_end) error = made(std::errc::broken_pipe);
    else error = s.write_error;
    if (error) {
      if (error == std::errc::connection_reset) s.write_error = made(std::errc::broken_pipe);
      return done;
    }
    if (done == from.size()) return done;  // nothing
    if (!writable(end)) continue;
    send(end, from, done);
    hooks::changed(this);
    set_alarm();
  } while (done < from.size());
  return done;
}

// What `end` writes is over.
void link::end_stream_of(int end, std::error_code with) {
  side& other = sides_[1 - end];
  if (fate_ == fate::silence && until_strike_ == 0) return;
  if (!other.ended) {
    other.ended = true;
    other.end_visible_at = arrival(other);
  }
  if (with) other.end_error = other.write_error = with;
  tell(other.end_known);
}

void link::close(int end, std::error_code& error) {
  RAVEL_POINT(net_close, writes, this);
  if (!usable(end, error)) return;
  side& s = sides_[end];
  s.closed = true;
  end_stream_of(end, s.incoming.empty() ? std::error_code() : made(std::errc::connection_reset));
  s.incoming.clear();
  s.queued = 0;
  hooks::changed(this);
  set_alarm();
}

void link::close_write(int end, std::error_code& error) {
  RAVEL_POINT(net_close, writes, this);
  if (!usable(end, error)) return;
  side& s = sides_[end];
  if (s.wrote_end) return;
  s.wrote_end = true;
  end_stream_of(end, {});
  hooks::changed(this);
  set_alarm();
}

void link::set_deadline(int end, bool of_reads, std::int64_t when, std::error_code& error) {
  RAVEL_POINT(net_use, writes, this);
  if (!usable(end, error)) return;
  (of_reads ? sides_[end].read_deadline : sides_[end].write_deadline) = when;
  hooks::changed(this);
  set_alarm();
}

bool link::is_readable(int end) {
  RAVEL_POINT(net_look, reads, this);
  std::error_code error;
  return !usable(end, error) || readable(end);
}

void link::set_alarm() {
  const std::int64_t now = sched::now_ns();
  std::int64_t next = never;
  const auto consider = [&](std::int64_t at) {
    if (at > now) next = std::min(next, at);
  };
  if (!broken_ && !(sides_[0].closed && sides_[1].closed)) {
    consider(given_up_at_);
    for (const side& s : sides_) {
      if (s.closed) continue;
      consider(s.read_deadline);
      consider(s.write_deadline);
      if (!s.incoming.empty()) consider(s.incoming.front()->visible_at);
      else if (s.ended) consider(s.end_visible_at);
    }
  }
  alarm_->set(next);
}

}  // namespace ravel::simulated
