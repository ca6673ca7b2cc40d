#pragma once
// The obviously correct detector: dense vector clocks, every access of every byte kept for ever, no optimisation.
// The real one must give the same verdict for each access of any trace.

#include <cstdint>
#include <map>
#include <vector>

#include "detector/shadow/access_record.hpp"

namespace ravel::test {

using dense_clock = std::vector<std::uint32_t>;

inline void join(dense_clock& into, const dense_clock& from) {
  if (into.size() < from.size()) into.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) into[i] = std::max(into[i], from[i]);
}

class reference_detector {
 public:
  struct goroutine { dense_clock clock; dense_clock acquire_fence, release_fence; };

  int start(int parent) {
    const int id = static_cast<int>(goroutines_.size());
    goroutines_.push_back({});
    if (parent >= 0) {
      goroutines_[id].clock = goroutines_[parent].clock;
      tick(parent);
    }
    tick(id);
    return id;
  }

  void acquire(int g, int o) { join(clock(g), objects_[o]); }
  void release(int g, int o) { objects_[o] = clock(g); tick(g); }
  void release_merge(int g, int o) { join(objects_[o], clock(g)); tick(g); }
  void exchange(int g, int o) {
    dense_clock before = objects_[o];
    objects_[o] = clock(g);
    tick(g);
    join(clock(g), before);
  }
  void rendezvous(int a, int b) {
    const dense_clock from_a = clock(a), from_b = clock(b);
    join(clock(a), from_b);
    join(clock(b), from_a);
    tick(a);
    tick(b);
  }
  void handoff(int from, int to) {
    join(clock(to), clock(from));
    tick(from);
  }
  void forget(int o) { objects_[o].clear(); }

  void atomic(int g, std::uintptr_t address, bool loads, bool stores, bool acquires, bool releases) {
    dense_clock& l = locations_[address];
    if (loads) {
      if (acquires) join(clock(g), l);
      else join(goroutines_[g].acquire_fence, l);
    }
    if (stores) {
      const dense_clock published = releases ? clock(g) : goroutines_[g].release_fence;
      if (!loads) l.clear();  // a read-modify-write continues the release sequence
      join(l, published);
      if (releases) tick(g);
    }
  }
  void fence(int g, bool acquires, bool releases) {
    if (acquires) join(clock(g), goroutines_[g].acquire_fence);
    if (releases) {
      goroutines_[g].release_fence = clock(g);
      tick(g);
    }
  }

  // True when some earlier access of one of the bytes conflicts and is not ordered before this one.
  bool access(int g, std::uintptr_t address, std::size_t size, detector::access_class kind) {
    bool race = false;
    for (std::uintptr_t p = address; p < address + size; ++p) {
      for (const remembered& r : bytes_[p]) {
        const dense_clock& c = clock(g);
        const bool ordered = r.goroutine < static_cast<int>(c.size()) && c[r.goroutine] >= r.time;
        race |= !ordered && detector::conflict(r.kind, kind);
      }
      bytes_[p].push_back({g, clock(g)[g], kind});
    }
    return race;
  }
  void reset(std::uintptr_t address, std::size_t size) {
    for (std::uintptr_t p = address; p < address + size; ++p) bytes_[p].clear();
  }
  void allocate(std::uintptr_t address, std::size_t size) {
    reset(address, size);
    locations_.erase(locations_.lower_bound(address), locations_.lower_bound(address + size));
  }

  dense_clock& clock(int g) { return goroutines_[g].clock; }
  void tick(int g) {
    if (clock(g).size() <= static_cast<std::size_t>(g)) clock(g).resize(g + 1);
    ++clock(g)[g];
  }

 private:
  struct remembered { int goroutine; std::uint32_t time; detector::access_class kind; };

  std::vector<goroutine> goroutines_;
  std::map<int, dense_clock> objects_;
  std::map<std::uintptr_t, dense_clock> locations_;
  std::map<std::uintptr_t, std::vector<remembered>> bytes_;
};

}  // namespace ravel::test
