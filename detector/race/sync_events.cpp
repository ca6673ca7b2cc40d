// Happens-before edges of the runtime. The runtime decides which operation makes which call (event_sink.hpp); here each call becomes
// clock operations. A release ends the goroutine's segment: what follows must not look like what went before.

#include "detector/race/sync_events.hpp"

#include <utility>

#include "detector/race/between_runs.hpp"
#include "detector/race/calling_context.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/race/listener.hpp"
#include "detector/race/race_report.hpp"
#include "detector/race/record_access.hpp"
#include "detector/race/set_guard.hpp"
#include "detector/race/sync_object.hpp"
#include "detector/shadow/lock_sets.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "runtime/hooks/order.hpp"

namespace ravel::detector {

namespace {

using hooks::goroutine_view;
using hooks::operation;

sync_cell* cell_of(hooks::sync_object& o) { return static_cast<sync_cell*>(__atomic_load_n(&o.clock, __ATOMIC_ACQUIRE)); }

sync_cell& made_cell_of(hooks::sync_object& o) {
  if (sync_cell* c = cell_of(o)) return *c;
  sync_cell* made = new_sync_cell();
  void* none = nullptr;
  if (__atomic_compare_exchange_n(&o.clock, &none, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return *made;
  free_sync_cell(made);
  return *static_cast<sync_cell*>(none);
}

// A goroutine without a parent is a thread's that is adopted, and stands on its stack, or one that a timer starts.
bool is_this_thread(const goroutine_view& g) {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  return g.stack_high == 0 || (here >= g.stack_low && here < g.stack_high);
}

// Only the running goroutine has a stack to show: events on behalf of a parked one are logged without.
void log_release(goroutine_state& g, operation op, const void* frame) {
  g.releases.add(g.clock.time(), op, &g == running() ? stack_of_event(frame) : 0);
}

class sink final : public hooks::event_sink {
 public:
  void created(goroutine_view* parent, goroutine_view& child) override {
    create_goroutine_state(parent, child);
    if (hooks::order_keeper* k = hooks::keeps_order()) k->created(parent, child, !is_this_thread(child));
  }
  void resumed(goroutine_view& g) override {
    switch_to(state_of_view(g));
    if (hooks::order_keeper* k = hooks::keeps_order()) k->resumed(g);
  }
  void suspended(goroutine_view&) override {
    RAVEL_INVARIANT(!this_thread.inside);
    switch_away();
    if (hooks::order_keeper* k = hooks::keeps_order()) k->suspended();
  }
  void ended(goroutine_view& g) override {
    if (listener != nullptr) listener->goroutine_ends(state_of_view(g));
    destroy_goroutine_state(state_of_view(g));
    if (hooks::order_keeper* k = hooks::keeps_order()) k->suspended();
    g.detector_state = nullptr;
  }

  void acquire(goroutine_view& v, hooks::sync_object& o, operation op) override {
    if (locks_nest.load(std::memory_order_relaxed)) remember_before_locks(state_of_view(v), op);
    sync_cell* c = cell_of(o);
    if (c == nullptr) return;
    locked hold(c->lock);
    ++c->learnt;
    acquired(state_of_view(v), c->clock);
  }
  void release(goroutine_view& v, hooks::sync_object& o, operation op) override {
    goroutine_state& g = state_of_view(v);
    log_release(g, op, __builtin_frame_address(0));
    sync_cell& c = made_cell_of(o);
    locked hold(c.lock);
    const segment_id ended = g.segment.load(std::memory_order_relaxed);
    g.clock.release(c.clock);
    end_segment(g);
    keep_undoable(g, c, ended);
  }
  void release_merge(goroutine_view& v, hooks::sync_object& o, operation op) override {
    goroutine_state& g = state_of_view(v);
    log_release(g, op, __builtin_frame_address(0));
    sync_cell& c = made_cell_of(o);
    locked hold(c.lock);
    const segment_id ended = g.segment.load(std::memory_order_relaxed);
    g.clock.release_merge(c.clock);
    end_segment(g);
    keep_undoable(g, c, ended);
  }
  void exchange(goroutine_view& v, hooks::sync_object& o, operation op) override {
    goroutine_state& g = state_of_view(v);
    log_release(g, op, __builtin_frame_address(0));
    sync_cell& c = made_cell_of(o);
    locked hold(c.lock);
    ++c.learnt;
    g.clock.exchange(c.clock);
    end_segment(g);
  }
  // Sound, because a release that nobody has learnt of orders nothing. What the segment that it ended records from now on bears the time
  // t that the release published; but whoever hears of t or later hears it from a release still to come, which publishes all of that, and
  // what came in between: any other release in between has made this one final (end_segment), since it published a time after t.
  void retaken(goroutine_view& v, hooks::sync_object& o) override {
    goroutine_state& g = state_of_view(v);
    sync_cell* c = cell_of(o);
    if (c == nullptr || g.undoable.to != c) return;
    g.undoable.to = nullptr;
    {
      locked hold(c->lock);
      if (c->learnt != g.undoable.learnt) return;
    }
    if (g.clock.time() == g.last_recorded) g.clock.take_back_release();  // else its time has been left already
    g.releases.take_back();
    resume_segment(g, g.undoable.segment);
  }
  void rendezvous(goroutine_view& current, goroutine_view& peer, operation op) override {
    goroutine_state &a = state_of_view(current), &b = state_of_view(peer);
    log_release(a, op, __builtin_frame_address(0));
    log_release(b, op == operation::chan_send ? operation::chan_receive : operation::chan_send, nullptr);
    vector_clock::meet(a.clock, b.clock);
    end_segment(a);
    end_segment(b);
  }
  void handoff(goroutine_view& from, goroutine_view& to, operation op) override {
    goroutine_state& a = state_of_view(from);
    log_release(a, op, __builtin_frame_address(0));
    sync_clock published;
    a.clock.release(published);
    end_segment(a);
    acquired(state_of_view(to), published);
  }
  void transfer(hooks::sync_object& from, hooks::sync_object& to) override {
    sync_cell* source = cell_of(from);
    if (source == nullptr) {
      forget(to);
      return;
    }
    sync_clock copy;
    {
      locked hold(source->lock);
      ++source->learnt;
      copy = source->clock;
    }
    sync_cell& target = made_cell_of(to);
    locked hold(target.lock);
    target.clock = static_cast<sync_clock&&>(copy);
  }
  void forget(hooks::sync_object& o) override {
    sync_cell* c = cell_of(o);
    if (c == nullptr) return;
    locked hold(c->lock);
    c->clock.clear();
  }
  void destroyed(hooks::sync_object& o) override {
    free_sync_cell(cell_of(o));
    o.clock = nullptr;
  }

  void marker_read(goroutine_view&, const void* object, hooks::marker m) override {
    marker_access(object, access_class::plain_read,
                  m == hooks::marker::channel_state ? access_nature::channel_send : access_nature::wait_group_add,
                  __builtin_frame_address(0));
  }
  void marker_write(goroutine_view&, const void* object, hooks::marker m) override {
    marker_access(object, access_class::plain_write,
                  m == hooks::marker::channel_state ? access_nature::channel_close : access_nature::wait_group_wait,
                  __builtin_frame_address(0));
  }

  void marker_destroyed(const void* object) override { reset_shadow(reinterpret_cast<std::uintptr_t>(object), granule_size); }

  void lock_acquired(goroutine_view& v, const void* lock, hooks::lock_mode mode, operation op, bool waited) override {
    goroutine_state& g = state_of_view(v);
    const bool nested = g.locks != 0;
    const stack_id at = &g == running() ? stack_of_event(__builtin_frame_address(0)) : 0;
    {
      const set_guard guard;
      g.locks = lock_sets::with(g.locks, lock, mode == hooks::lock_mode::shared, static_cast<std::uint8_t>(op), at);
    }
    show_locks(g);
    if (g.wants_lock) [[unlikely]] listener->lock_got(g);
    if (listener == nullptr) return;
    if (nested) listener->lock_nested(g, lock, mode, waited);
    if (op == operation::rw_mutex_lock && locks_nest.load(std::memory_order_relaxed)) listener->lock_taken_for_writing(g, lock);
  }
  void lock_released(goroutine_view& v, const void* lock, hooks::lock_mode) override {
    goroutine_state& g = state_of_view(v);
    const lock_set_id before = g.locks;
    if (before != 0 && lock_sets::at(before).lock == lock) {  // no set has to be looked up
      g.locks = lock_sets::at(before).others;
    } else {
      const set_guard guard;
      g.locks = lock_sets::without(before, lock);
    }
    const lock_set_id rest = g.locks;
    if (rest == before && listener != nullptr) listener->lock_released_by_other(g, lock);
    g.before_locks_known = g.before_locks_known && rest != 0;
    show_locks(g);
  }

  void wants_lock(goroutine_view& v, const void* lock, hooks::lock_mode mode, operation op) override {
    goroutine_state& g = state_of_view(v);
    // A circle of waiting goroutines is one of holders, but for a writer, whom new readers let go first.
    if (listener != nullptr && (g.locks != 0 || op == operation::rw_mutex_lock)) listener->lock_wanted(g, lock, mode, __builtin_frame_address(0));
  }
  void lock_destroyed(const void* lock) override {
    if (listener != nullptr && locks_nest.load(std::memory_order_relaxed)) listener->lock_destroyed(lock);
  }
  void destroyed_in_use(goroutine_view& v, const void* object, used_object what) override {
    if (listener != nullptr) listener->destroyed_in_use(state_of_view(v), object, what, __builtin_frame_address(0));
  }
  void once_begins(goroutine_view& v, const void* once) override {
    if (listener != nullptr) listener->once_begins(state_of_view(v), once);
  }
  void once_ends(goroutine_view& v, const void* once) override {
    if (listener != nullptr) listener->once_ends(state_of_view(v), once);
  }
  bool wants_all_channels() override { return listener != nullptr && listener->wants_all_channels(); }
  void channel_made(goroutine_view& v, const void* channel, hooks::watched_channel& w) override {
    listener->channel_made(state_of_view(v), channel, w, __builtin_frame_address(0));
  }
  void channel_owned(goroutine_view& v, const void* channel, hooks::watched_channel& w) override {
    if (listener != nullptr) listener->channel_owned(state_of_view(v), channel, w, __builtin_frame_address(0));
  }
  void channel_used(goroutine_view& v, const void* channel, hooks::watched_channel& w, hooks::channel_use use) override {
    listener->channel_used(state_of_view(v), channel, w, use, __builtin_frame_address(0));
  }
  void channel_gone(hooks::watched_channel& w) override { listener->channel_gone(w); }
  bool wants_quiet_moment() override { return listener != nullptr && listener->wants_quiet_moment(); }
  void quiet_moment() override { listener->quiet_moment(); }
  void all_asleep() override {
    if (listener != nullptr) listener->all_asleep();
  }
  void main_returned() override {
    if (listener != nullptr) listener->main_returned();
  }

  void controlled_run_begins() override {
    histories_of_runs.forget_what_is_known_to(*this_thread.self);
    if (listener != nullptr) listener->controlled_run_begins();
  }
  std::size_t controlled_standstill(bool nothing_to_come) override {
    return listener == nullptr ? 0 : listener->controlled_standstill(nothing_to_come);
  }

  void annotate_acquire(goroutine_view& v, const void* address) override {
    address_clocks cell(reinterpret_cast<std::uintptr_t>(address));
    if (sync_clock* c = cell.find()) acquired(state_of_view(v), *c);
  }
  void annotate_release(goroutine_view& v, const void* address) override {
    goroutine_state& g = state_of_view(v);
    log_release(g, operation::annotation, __builtin_frame_address(0));
    mark_block(address);
    address_clocks cell(reinterpret_cast<std::uintptr_t>(address));
    g.clock.release(cell.get());
    end_segment(g);
  }
  void annotate_release_merge(goroutine_view& v, const void* address) override {
    goroutine_state& g = state_of_view(v);
    log_release(g, operation::annotation, __builtin_frame_address(0));
    mark_block(address);
    address_clocks cell(reinterpret_cast<std::uintptr_t>(address));
    g.clock.release_merge(cell.get());
    end_segment(g);
  }
  void annotate_read(goroutine_view&, const void* address, std::size_t n) override {
    record_range(reinterpret_cast<std::uintptr_t>(address), n, access_class::plain_read, access_nature::memory, __builtin_frame_address(0));
  }
  void annotate_write(goroutine_view&, const void* address, std::size_t n) override {
    record_range(reinterpret_cast<std::uintptr_t>(address), n, access_class::plain_write, access_nature::memory, __builtin_frame_address(0));
  }
  void ignore_begin(goroutine_view& v) override {
    goroutine_state& g = state_of_view(v);
    ++g.ignore_depth;
    this_thread.ignoring = true;
  }
  void ignore_end(goroutine_view& v) override {
    goroutine_state& g = state_of_view(v);
    this_thread.ignoring = --g.ignore_depth != 0;
  }
  std::size_t races_reported() override { return race_count(); }
  bool own_use(bool from_now_on) noexcept override { return std::exchange(this_thread.inside, from_now_on); }
  bool may_switch() noexcept override { return !this_thread.inside; }
  void at_safepoint() override {
    if (auto* run = run_waiting_signals.load(std::memory_order_relaxed)) run();
  }

 private:
  static void keep_undoable(goroutine_state& g, const sync_cell& c, segment_id ended) {
    if (ended == no_segment) return;
    g.undoable = {&c, c.learnt, ended};
    g.kept_segment.store(ended, std::memory_order_seq_cst);
  }
  static void acquired(goroutine_state& g, sync_clock& c) { g.clock.acquire(c); }
  // A lock's operations join what its earlier holders published; whether two critical sections could have met is asked of what was known
  // before them.
  static void remember_before_locks(goroutine_state& g, operation op) {
    if (g.locks != 0 || g.before_locks_known) return;
    if (op != operation::mutex_lock && op != operation::rw_mutex_lock && op != operation::rw_mutex_rlock) return;
    g.before_locks = g.clock;
    g.before_locks_known = true;
  }
  static void show_locks(goroutine_state& g) {
    if (&g == running()) this_thread.self_locks = g.locks;
  }
  static void mark_block(const void* address) {
    const auto p = reinterpret_cast<std::uintptr_t>(address);
    std::uint32_t* word = block_word(p);
    unlock_block(word, lock_block(word) | block_has_atomics);
  }
  static void marker_access(const void* object, access_class kind, access_nature nature, const void* frame) {
    record_range(reinterpret_cast<std::uintptr_t>(object), granule_size, kind, nature, frame);
  }
};

}  // namespace

constinit std::atomic<void (*)()> run_waiting_signals{nullptr};

hooks::event_sink& race_sink() {
  static constinit sink the_sink;
  return the_sink;
}

}  // namespace ravel::detector
