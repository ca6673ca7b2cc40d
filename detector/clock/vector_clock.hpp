#pragma once
// What one goroutine knows: its own chain and time, and everybody else's times in a trie.
//
// Time advances lazily: a release only notes "my present time is published"; the next recorded access or acquire then starts a new
// time. So (chain, time) names a stretch of execution with one history, and releases with nothing between them share it.
//
// Invariants: time() is at least 1 and only grows; what a sync_clock holds of my chain is at most time(); after a release nothing is
// recorded or acquired at the published time.
// Thread-safety: one goroutine's clock is used by the thread that runs it, or, while it is parked, by the one that will wake it.

#include "detector/clock/clock_trie.hpp"
#include "detector/clock/sync_clock.hpp"

namespace ravel::detector {

class vector_clock {
 public:
  vector_clock() = default;
  void start(chain_id chain, clock_time first);                              // a goroutine without parent
  void start_child(chain_id chain, clock_time first, vector_clock& parent);  // knows what the parent knows; the parent releases

  chain_id chain() const noexcept { return chain_; }
  clock_time time() const noexcept { return time_; }

  // Happens-before: is everything that chain did up to `time` ordered before now?
  [[gnu::always_inline]] bool knows(chain_id chain, clock_time time) const noexcept { return known(chain) >= time; }
  [[gnu::always_inline]] clock_time known(chain_id chain) const noexcept {
    if (chain == chain_) return time_;
    if (chain == origin_chain_) return origin_time_;  // newer than the trie's entry, which is the parent's grandparents' view of it
    return others_.get(chain);
  }

  // The time to record an access at. Starts a new time when the present one has been published.
  clock_time begin_recording() {
    if (published_) advance();
    return time_;
  }

  // The last time anybody could have to know of: accesses, acquires and releases up to it. `last_recorded`: of an access.
  clock_time last_significant(clock_time last_recorded) const noexcept {
    return published_ || last_recorded == time_ ? time_ : time_ - 1;
  }

  void acquire(sync_clock& o);        // me := join(me, o)
  void release(sync_clock& o);        // o := me
  void release_merge(sync_clock& o);  // o := join(o, me)
  void exchange(sync_clock& o);       // o := me as before, me := join(me, old o)

  // Both release and acquire what the other released: me := join(me, other) on both sides. As release and acquire through two objects
  // would do it, but with one trie for both afterwards: goroutines that meet again and again copy one leaf each time.
  static void meet(vector_clock& a, vector_clock& b);

  // The last release is undone: nobody has learnt of it, and nothing was recorded or acquired since. Its time goes on.
  void take_back_release() noexcept { published_ = false; }
  bool has_published() const noexcept { return published_; }

  void clear() noexcept;

 private:
  void advance() {
    published_ = false;
    ++time_;
  }
  bool is_worn_out() const noexcept { return time_ >= 0xFFFFFFF0; }
  void renew_if_worn_out();
  void absorb(const sync_clock& o);
  void fold_origin();

  clock_trie others_;
  chain_id chain_ = 0;
  clock_time time_ = 0;
  // A child shares its parent's trie as it is; the parent's own entry, which the trie lacks, waits here until the first write.
  chain_id origin_chain_ = no_chain;
  clock_time origin_time_ = 0;
  clock_time last_release_ = 0;  // 0: none since the last acquire
  bool published_ = false;
};

}  // namespace ravel::detector
