#include "runtime/netpoll/watched.hpp"

#include <mutex>

#include "runtime/hooks/hooks.hpp"
#include "runtime/netpoll/backend.hpp"
#include "runtime/sched/poller.hpp"

namespace ravel::netpoll {

namespace {

constinit sched::os_lock free_lock;        // guards the free list
constinit watched* first_free = nullptr;

class kernel_poller final : public sched::poller {
 public:
  void wait(sched::poll_batch& batch, std::int64_t nanoseconds) override { backend::wait(batch, nanoseconds); }
  void interrupt() noexcept override { backend::interrupt(); }
  void dispatch(const sched::poll_batch& batch) override {
    for (int i = 0; i < batch.count; ++i) {
      const auto& e = batch.events[i];
      auto& w = *reinterpret_cast<watched*>(e.what & ((std::uint64_t{1} << 48) - 1));
      const std::uint32_t use = w.tag.load(std::memory_order_acquire);
      if ((use & 0xFFFF) != e.what >> 48) continue;  // of a descriptor that is closed
      if ((e.flags & backend::hung_up) != 0) w.hang_up(use);
      if ((e.flags & backend::readable) != 0) w.reading.wake();
      if ((e.flags & backend::writable) != 0) w.writing.wake();
    }
  }
};

int start_poller() {
  static kernel_poller poller;
  const int error = backend::open();
  if (error == 0) sched::install_poller(poller);
  return error;
}

}  // namespace

watched& take_watched() {
  {
    const std::lock_guard hold(free_lock);
    if (watched* w = first_free) {
      first_free = w->next_free;
      return *w;
    }
  }
  const hooks::own_use ours;
  return *new watched;
}

void give_back(watched& w) noexcept {
  w.tag.fetch_add(1, std::memory_order_acq_rel);
  w.reading.reset();
  w.writing.reset();
  const std::lock_guard hold(free_lock);
  w.next_free = first_free;
  first_free = &w;
}

int watch(int descriptor, watched& w) {
  static const int error = start_poller();
  return error != 0 ? error : backend::watch(descriptor, w.name());
}

}  // namespace ravel::netpoll
