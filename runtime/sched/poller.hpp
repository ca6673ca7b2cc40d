#pragma once
// The seam to what waits for file descriptors (runtime/netpoll). The scheduler decides who polls and when; the poller knows how.
//
// A machine with nothing to run polls once without waiting; of the idle machines one sleeps in the poller instead of on its futex, and keeps
// the time meanwhile, so what becomes ready wakes no second thread. Nobody polls in a program that never watched a descriptor.

#include <atomic>
#include <cstdint>

namespace ravel::sched {

struct poll_batch {
  static constexpr int most = 128;
  int count = 0;
  struct event {
    std::uint64_t what;   // as it was given to the kernel
    std::uint32_t flags;  // the poller's own
  } events[most];
};

class poller {
 public:
  // What is ready now, or becomes ready within `nanoseconds` (0: do not wait; negative: no limit). May return early, with nothing. Any
  // thread may call it without waiting; only one at a time may wait.
  virtual void wait(poll_batch& batch, std::int64_t nanoseconds) = 0;
  virtual void dispatch(const poll_batch& batch) = 0;  // makes ready who waits for what is in the batch
  virtual void interrupt() noexcept = 0;               // ends the wait that goes on, or the next one

 protected:
  ~poller() = default;
};

// Once, before the first descriptor is watched.
void install_poller(poller& p);

// Goroutines that a descriptor may wake; while there are any, nothing looks like a deadlock. Counted by the goroutine itself, while it runs.
extern std::atomic<int> waiting_for_descriptors;

}  // namespace ravel::sched
