// The checks, as listeners of the runtime's events, and when each of them looks.
//
// A search for stuck goroutines reads all memory that is in use. It is made when the program stands still but for timers and the network,
// and takes at most a fiftieth of the time, after a start that lets short programs and tests be searched as often as they stand still.

#include <time.h>

#include <algorithm>
#include <atomic>

#include "detector/check/advice.hpp"
#include "detector/check/destroyed_in_use.hpp"
#include "detector/check/held_locks.hpp"
#include "detector/check/lock_order.hpp"
#include "detector/check/lock_waits.hpp"
#include "detector/check/ownership.hpp"
#include "detector/check/standstill_report.hpp"
#include "detector/race/listener.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/report/options.hpp"
#include "runtime/hooks/controlled.hpp"

namespace ravel::detector {

namespace {

std::int64_t now_ns(clockid_t clock) {
  timespec t{};
  ::clock_gettime(clock, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

class checks final : public event_listener {
 public:
  // What is unwound after a controlled run is no longer the program.
  void lock_nested(goroutine_state& g, const void* lock, hooks::lock_mode mode, bool waited) override {
    if (!hooks::being_unwound()) note_nested_lock(g, lock, mode == hooks::lock_mode::shared, waited);
  }
  void lock_taken_for_writing(goroutine_state& g, const void* lock) override {
    if (!hooks::being_unwound()) note_write_lock(g, lock);
  }
  // Circles of waiting goroutines end a controlled run, and are seen then.
  void lock_wanted(goroutine_state& g, const void* lock, hooks::lock_mode mode, const void* frame) override {
    if (!hooks::in_controlled_run()) begin_lock_wait(g, lock, mode, frame);
  }
  void lock_got(goroutine_state& g) override { end_lock_wait(g); }
  void lock_released_by_other(goroutine_state& g, const void* lock) override {
    note_handed_over(lock);
    const inside_detector guard;
    if (report::current_options().advice && !hooks::being_unwound()) advise_unlocked_by_other(g, lock);
  }
  void lock_destroyed(const void* lock) override { forget_lock_order(lock); }
  void mark_lock_sets(std::uint8_t epoch) override { mark_sets_of_lock_order(epoch); }
  void lock_set_gone(lock_set_id id) override { forget_set_of_lock_order(id); }
  // What is static goes away when the process ends, whatever others are doing.
  void destroyed_in_use(goroutine_state& g, const void* object, hooks::event_sink::used_object what, const void* frame) override {
    const inside_detector guard;
    if (!main_is_over_.load(std::memory_order_relaxed) && !ends_with_the_process(g, object)) report_destroyed_in_use(g, object, what, frame);
  }
  void once_begins(goroutine_state& g, const void* once) override { note_once_begins(once, g); }
  void once_ends(goroutine_state& g, const void* once) override {
    const bool threw = note_once_ends(once);
    const inside_detector guard;
    if (threw && report::current_options().advice && !hooks::being_unwound()) advise_once_threw(g, once);
  }
  // A destructor of an owner closes its channel also when a controlled run is unwound, and nobody's order means anything then.
  bool wants_all_channels() override { return report::current_options().advice; }
  void channel_made(goroutine_state& g, const void*, hooks::watched_channel& w, const void* frame) override {
    const inside_detector guard;
    note_channel_made(g, w, frame);
  }
  void channel_owned(goroutine_state& g, const void* channel, hooks::watched_channel& w, const void* frame) override {
    const inside_detector guard;
    if (!hooks::being_unwound()) note_channel_owned(g, channel, w, frame);
  }
  void channel_used(goroutine_state& g, const void* channel, hooks::watched_channel& w, hooks::channel_use use, const void* frame) override {
    const inside_detector guard;
    if (!hooks::being_unwound()) note_channel_used(g, channel, w, use, frame);
  }
  void channel_gone(hooks::watched_channel& w) override {
    const inside_detector guard;
    note_channel_gone(w);
  }
  void goroutine_ends(goroutine_state& g) override {
    if (g.wants_lock) end_lock_wait(g);
  }

  // Under the scheduler's lock, all three.
  bool wants_quiet_moment() override { return wanted() && spent_ <= free_of_charge + (now_ns(CLOCK_MONOTONIC) - began_) / 50; }
  void quiet_moment() override {
    const inside_detector guard;
    const std::int64_t before = now_ns(CLOCK_THREAD_CPUTIME_ID);
    standstill s = find_stuck(false);
    // Main that waits for ever while others work may be meant so.
    if (s.anybody_alive) std::erase_if(s.stuck, [](const stuck_goroutine& w) { return w.g->view->id == 1; });
    report_leaks(s);
    spent_ += now_ns(CLOCK_THREAD_CPUTIME_ID) - before;
  }
  void all_asleep() override {
    const inside_detector guard;
    report_deadlock(find_stuck(true));
  }

  void main_returned() override {
    main_is_over_.store(true, std::memory_order_relaxed);
    const inside_detector guard;
    report_self_locks();
    if (report::current_options().leaks == "exit") {
      report_leaks(find_waiting());
    }
  }

  void controlled_run_begins() override {
    forget_all_lock_orders();
    forget_all_holders();
  }
  std::size_t controlled_standstill(bool nothing_to_come) override {
    const inside_detector guard;
    standstill s = find_stuck(nothing_to_come);
    const bool body_is_stuck = std::any_of(s.stuck.begin(), s.stuck.end(), [](const stuck_goroutine& w) { return w.g->view->id == 1; });
    if (body_is_stuck) return report_deadlock(s);
    if (!s.stuck.empty() || nothing_to_come) return report_leaks(s);
    return report_endless(find_endless());
  }

 private:
  static bool wanted() { return report::current_options().leaks != "never"; }

  static constexpr std::int64_t free_of_charge = 20'000'000;
  const std::int64_t began_ = now_ns(CLOCK_MONOTONIC);
  std::int64_t spent_ = 0;
  std::atomic<bool> main_is_over_{false};
};

void start(int, char**, char**) {
  if (!report::current_options().checks) return;  // loaded by detector/race, whose objects stand before these
  alignas(checks) static unsigned char place[sizeof(checks)];
  reserve_lock_order();
  listener = ::new (place) checks;
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const start_checks)(int, char**, char**) = start;

}  // namespace

}  // namespace ravel::detector
