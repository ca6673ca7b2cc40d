#pragma once
// Equal-sized objects from reserved address space, with a small cache per thread.
//
// Invariants: an object is in use, in exactly one thread's cache, or in the shared list. A thread's cache never holds more than
// 2 * batch; what is over goes to the shared list in one step. Memory is never returned, only reused.

#include <cstddef>
#include <cstdint>
#include <new>

#include "detector/base/invariant.hpp"
#include "detector/base/reserved_memory.hpp"
#include "detector/base/spin_lock.hpp"
#include "detector/base/thread_cache.hpp"

namespace ravel::detector {

template <class T>
class object_pool {
  static_assert(sizeof(T) >= sizeof(void*));

 public:
  // Uninitialised storage for one T.
  static void* allocate() {
    cache& c = mine();
    if (c.head == nullptr) refill(c);
    link* l = c.head;
    c.head = l->next;
    --c.count;
    return l;
  }

  static void free(T* object) {
    cache& c = mine();
    link* l = ::new (static_cast<void*>(object)) link{c.head};
    c.head = l;
    if (++c.count > 2 * batch) spill(c);
  }

 private:
  struct link { link* next; };
  struct cache { link* head; std::uint32_t count; };
  static constexpr std::uint32_t batch = 64;
  static constexpr std::size_t reservation = std::size_t{1} << 38;

  // Detector code never parks inside a pool operation, so the address stays this thread's.
  static cache& mine() { static thread_local constinit cache c{nullptr, 0}; return c; }

  static void refill(cache& c) {
    locked hold(lock_);
    if (fresh_ == nullptr) owner_.join();
    for (std::uint32_t i = 0; i < batch; ++i) {
      link* l = shared_;
      if (l != nullptr) {
        shared_ = l->next;
      } else {
        if (fresh_ == nullptr || fresh_ + sizeof(T) > fresh_end_) {
          RAVEL_INVARIANT(fresh_ == nullptr);
          fresh_ = static_cast<char*>(reserve_memory(reservation));
          fresh_end_ = fresh_ + reservation;
        }
        l = reinterpret_cast<link*>(fresh_);
        fresh_ += sizeof(T);
      }
      l->next = c.head;
      c.head = l;
    }
    c.count += batch;
  }

  static void spill(cache& c) {
    link* first = c.head;
    link* last = first;
    for (std::uint32_t i = 1; i < batch; ++i) last = last->next;
    c.head = last->next;
    c.count -= batch;
    locked hold(lock_);
    last->next = shared_;
    shared_ = first;
  }

  static void give_back() {
    cache& c = mine();
    if (c.head == nullptr) return;
    link* last = c.head;
    while (last->next != nullptr) last = last->next;
    locked hold(lock_);
    last->next = shared_;
    shared_ = c.head;
    c = {nullptr, 0};
  }

  static inline constinit thread_cache_owner owner_{give_back};
  static inline constinit spin_lock lock_{};
  static inline constinit link* shared_ = nullptr;
  static inline constinit char* fresh_ = nullptr;
  static inline constinit char* fresh_end_ = nullptr;
};

}  // namespace ravel::detector
