#include "detector/base/thread_cache.hpp"

namespace ravel::detector {

namespace {
constinit std::atomic<thread_cache_owner*> first_owner{nullptr};
}  // namespace

void thread_cache_owner::join() noexcept {
  next_ = first_owner.load(std::memory_order_relaxed);
  while (!first_owner.compare_exchange_weak(next_, this, std::memory_order_release, std::memory_order_relaxed)) {
  }
}

void give_back_thread_caches() {
  for (thread_cache_owner* o = first_owner.load(std::memory_order_acquire); o != nullptr; o = o->next_) o->give_back_();
}

}  // namespace ravel::detector
