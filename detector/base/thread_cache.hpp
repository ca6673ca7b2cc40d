#pragma once
// Pools keep a few objects per thread. When a thread ends, they go back: else a program that makes threads for ever would leak them.

#include <atomic>

namespace ravel::detector {

class thread_cache_owner {
 public:
  explicit constexpr thread_cache_owner(void (*give_back)()) : give_back_(give_back) {}

  void join() noexcept;  // once per owner, before its first cache is filled; lives for ever

 private:
  friend void give_back_thread_caches();
  void (*give_back_)();
  thread_cache_owner* next_ = nullptr;
};

void give_back_thread_caches();  // the calling thread's; it uses no pool afterwards

}  // namespace ravel::detector
