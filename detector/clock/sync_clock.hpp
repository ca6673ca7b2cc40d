#pragma once
// The clock of a synchronisation object: what its next acquirer learns.
//
// = others join { chain: time }. After a plain release that is the releaser's trie, shared, and its own entry: O(1). After merges
// chain is no_chain and all is in the trie.
// Thread-safety: none; the owner (race/sync_object) locks it.

#include "detector/clock/clock_trie.hpp"

namespace ravel::detector {

inline constexpr chain_id no_chain = 0xFFFFFFFF;

struct sync_clock {
  clock_trie others;
  // What was merged last, while `others` holds it. Goroutines with one parent bring the same trie, so of a thousand that are waited for
  // all but the first merge two entries each.
  clock_trie merged;
  chain_id chain = no_chain;
  clock_time time = 0;

  bool empty() const noexcept { return chain == no_chain && others.empty(); }
  void clear() noexcept {
    others.clear();
    merged.clear();
    chain = no_chain;
    time = 0;
  }
  void merge(const clock_trie& trie) {
    if (merged.same_as(trie)) return;
    others.join(trie);
    merged = trie;
  }
  void fold() {  // everything into the trie
    if (chain == no_chain) return;
    others.raise(chain, time);
    chain = no_chain;
    time = 0;
  }
};

}  // namespace ravel::detector
