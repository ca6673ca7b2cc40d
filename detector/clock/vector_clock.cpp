#include "detector/clock/vector_clock.hpp"

#include "detector/base/invariant.hpp"
#include "detector/clock/chain_pool.hpp"

namespace ravel::detector {

void vector_clock::start(chain_id chain, clock_time first) {
  clear();
  chain_ = chain;
  time_ = first;
}

void vector_clock::start_child(chain_id chain, clock_time first, vector_clock& parent) {
  clear();
  chain_ = chain;
  time_ = first;
  parent.fold_origin();
  others_ = parent.others_;
  if (parent.chain_ != chain) {
    origin_chain_ = parent.chain_;
    origin_time_ = parent.time_;
  }
  parent.last_release_ = parent.time_;
  parent.published_ = true;
  parent.renew_if_worn_out();
}

void vector_clock::clear() noexcept {
  others_.clear();
  chain_ = time_ = origin_time_ = last_release_ = 0;
  origin_chain_ = no_chain;
  published_ = false;
}

// A goroutine that has released four thousand million times goes on under a fresh name and knows all it did under the old one. Looked at
// by each release, and between two of them time advances twice at most (an acquire, a record).
void vector_clock::renew_if_worn_out() {
  if (__builtin_expect(!is_worn_out(), 1)) return;
  fold_origin();
  others_.raise(chain_, time_);
  const chain_start next = chain_pool().fresh();
  chain_ = next.chain;
  time_ = next.first;
  last_release_ = 0;
  published_ = false;
}

void vector_clock::fold_origin() {
  if (origin_chain_ == no_chain) return;
  others_.raise(origin_chain_, origin_time_);
  origin_chain_ = no_chain;
  origin_time_ = 0;
}

void vector_clock::absorb(const sync_clock& o) {
  // Nothing learnt since my last release, and the other side knows that release: its trie holds all that mine does.
  if (last_release_ != 0 && o.others.get(chain_) >= last_release_) {
    others_ = o.others;
  } else {
    others_.join(o.others);
  }
  if (o.chain != no_chain && o.chain != chain_) others_.raise(o.chain, o.time);
  last_release_ = 0;
}

void vector_clock::acquire(sync_clock& o) {
  if (o.empty() || (o.chain != no_chain && knows(o.chain, o.time))) return;
  if (o.chain == no_chain && o.others.same_as(others_)) return;
  // What is acquired belongs to a new time: otherwise two different histories would carry one name.
  if (published_) advance();
  fold_origin();
  absorb(o);
}

void vector_clock::release(sync_clock& o) {
  fold_origin();
  if (!o.others.same_as(others_)) o.others = others_;
  o.merged.clear();
  o.chain = chain_;
  o.time = time_;
  last_release_ = time_;
  published_ = true;
  renew_if_worn_out();
}

void vector_clock::release_merge(sync_clock& o) {
  if (o.empty() && origin_chain_ == no_chain) {
    release(o);
    return;
  }
  o.fold();
  o.merge(others_);
  // Not folded into my own trie: most goroutines that only tell of their end never write to the one they share with their parent.
  if (origin_chain_ != no_chain) o.others.raise(origin_chain_, origin_time_);
  o.others.raise(chain_, time_);
  last_release_ = time_;
  published_ = true;
  renew_if_worn_out();
}

void vector_clock::meet(vector_clock& a, vector_clock& b) {
  const clock_time of_a = a.time_, of_b = b.time_;
  if (a.knows(b.chain_, of_b) || b.knows(a.chain_, of_a) || a.is_worn_out() || b.is_worn_out()) {
    sync_clock from_a, from_b;
    a.release(from_a);
    b.release(from_b);
    a.acquire(from_b);
    b.acquire(from_a);
    return;
  }
  a.fold_origin();
  b.fold_origin();
  a.others_.join(b.others_);
  a.others_.raise(b.chain_, of_b);
  a.others_.raise(a.chain_, of_a);  // of no use to a, who knows better, but so b can have the same
  b.others_ = a.others_;
  for (vector_clock* g : {&a, &b}) {
    g->advance();
    g->last_release_ = 0;
  }
}

void vector_clock::exchange(sync_clock& o) {
  if (o.chain != no_chain && knows(o.chain, o.time)) {  // nothing to learn: a goroutine that fills and empties a channel alone
    release(o);
    return;
  }
  sync_clock before = static_cast<sync_clock&&>(o);
  o.clear();
  release(o);
  acquire(before);
}

}  // namespace ravel::detector
