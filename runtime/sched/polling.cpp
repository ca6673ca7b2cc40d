// Who polls: sched/poller.hpp.
//
// Invariants: `blocked` is true while one machine is inside a wait, set and cleared by that machine alone. Its `in_poll` and `wake` are read and
// written in opposite orders by the two sides, so either it sees that it was woken or the waker sees where it sleeps.

#include "runtime/sched/machine.hpp"

namespace ravel::sched {

constinit std::atomic<int> waiting_for_descriptors{0};

namespace {

constinit std::atomic<poller*> installed{nullptr};
constinit std::atomic<bool> blocked{false};
constinit std::atomic<std::uint32_t> polls{0};
constinit std::atomic<std::int64_t> last_news{-1'000'000'000};
constexpr std::int64_t moments = 100'000;  // ns

}  // namespace

void install_poller(poller& p) {
  current();
  installed.store(&p, std::memory_order_release);
  wake_a_machine();  // there may be no machine yet that idles, and so none that polls: this program may have but threads of its own
}

bool news_may_wait() noexcept {
  return waiting_for_descriptors.load(std::memory_order_relaxed) != 0 && !blocked.load(std::memory_order_relaxed);
}

bool poll_is_overdue() noexcept {
  static std::uint32_t seen = 0;  // the monitor's
  const std::uint32_t now = polls.load(std::memory_order_relaxed);
  if (!news_may_wait() || now != seen) {
    seen = now;
    return false;
  }
  return true;
}

void poll_now() {
  if (!news_may_wait()) return;
  polls.fetch_add(1, std::memory_order_relaxed);
  poll_batch batch;
  installed.load(std::memory_order_acquire)->wait(batch, 0);
  dispatch(batch);
}

bool is_fed_by_poller() noexcept { return real_now_ns() - last_news.load(std::memory_order_relaxed) < moments; }

bool may_sleep_in_poller() noexcept {
  bool no = false;
  return installed.load(std::memory_order_acquire) != nullptr && blocked.compare_exchange_strong(no, true, std::memory_order_acq_rel);
}

void sleep_in_poller(machine& m, poll_batch& batch, std::int64_t nanoseconds) {
  batch.count = 0;
  m.in_poll.store(true, std::memory_order_seq_cst);
  if (m.wake.load(std::memory_order_seq_cst) == 0) installed.load(std::memory_order_relaxed)->wait(batch, nanoseconds);
  m.in_poll.store(false, std::memory_order_seq_cst);
  blocked.store(false, std::memory_order_release);
}

void dispatch(const poll_batch& batch) {
  if (batch.count == 0) return;
  last_news.store(real_now_ns(), std::memory_order_relaxed);
  installed.load(std::memory_order_relaxed)->dispatch(batch);
}

void wake_machine(machine& m) {
  m.wake.store(1, std::memory_order_seq_cst);
  if (m.in_poll.load(std::memory_order_seq_cst)) installed.load(std::memory_order_relaxed)->interrupt();
  else futex_wake(m.wake);
}

}  // namespace ravel::sched
