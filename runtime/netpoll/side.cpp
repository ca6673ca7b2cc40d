#include "runtime/netpoll/side.hpp"

#include <mutex>

#include "runtime/hooks/controlled.hpp"

namespace ravel::netpoll {

side::side() {
  due = [](sched::timer_base& base, std::uint64_t generation, sched::timer_heap& heap) { static_cast<side&>(base).fire(generation, heap); };
  drop = [](sched::timer_base&) {};
}

void side::reset() noexcept {
  stop_timer();
  word_.store(nobody, std::memory_order_relaxed);
  deadline_.store(no_deadline, std::memory_order_relaxed);
}

void side::wake() noexcept {
  std::uintptr_t w = word_.load(std::memory_order_seq_cst);
  do {
    if (w == news) return;
  } while (!word_.compare_exchange_weak(w, w == nobody ? news : nobody, std::memory_order_seq_cst));
  if (w != nobody) sched::ready(*reinterpret_cast<sched::goroutine*>(w));
}

void side::wait() {
  if (word_.exchange(nobody, std::memory_order_seq_cst) == news) return;
  // Nothing but the system could wake it, and the system is no part of a schedule.
  hooks::refuse_in_controlled_run("a wait for a socket of the system's, made before the schedule");
  struct place {
    side* s;
    sched::goroutine* g;
  } mine{this, &sched::current()};
  waiting_.store(true, std::memory_order_seq_cst);
  const std::int64_t deadline = deadline_.load(std::memory_order_seq_cst);
  if (deadline != no_deadline && armed_.load(std::memory_order_seq_cst) > deadline) arm();
  sched::waiting_for_descriptors.fetch_add(1, std::memory_order_seq_cst);
  sched::park(
      [](void* argument) {
        const place& p = *static_cast<place*>(argument);
        sched::goroutine& g = *p.g;
        std::uintptr_t w = nobody;
        // From the exchange on g may run, and `p` be gone.
        if (p.s->word_.compare_exchange_strong(w, reinterpret_cast<std::uintptr_t>(&g), std::memory_order_seq_cst)) return;
        p.s->word_.store(nobody, std::memory_order_seq_cst);
        sched::ready(g);
      },
      &mine, hooks::wait_reason::io_wait, this);
  sched::waiting_for_descriptors.fetch_sub(1, std::memory_order_seq_cst);
  waiting_.store(false, std::memory_order_relaxed);
}

void side::set_deadline(std::int64_t when) {
  deadline_.store(when, std::memory_order_seq_cst);
  if (!waiting_.load(std::memory_order_seq_cst) || when == no_deadline) return;
  if (when <= sched::now_ns()) wake();
  else if (armed_.load(std::memory_order_seq_cst) > when) arm();
}

void side::arm() {
  sched::timer_heap* before = nullptr;
  {
    const std::lock_guard hold(guard_);
    const std::int64_t when = deadline_.load(std::memory_order_seq_cst);
    if (when == no_deadline || armed_.load(std::memory_order_relaxed) <= when) return;
    before = disarm_locked();
    armed_.store(when, std::memory_order_seq_cst);
    home_ = &sched::timers_here();
    home_->add(when, *this, generation.load(std::memory_order_relaxed));
  }
  if (before != nullptr) before->stopped();
  sched::note_timer_added();
}

sched::timer_heap* side::disarm_locked() noexcept {
  generation.fetch_add(1, std::memory_order_relaxed);
  return armed_.exchange(no_deadline, std::memory_order_seq_cst) != no_deadline ? home_ : nullptr;
}

void side::stop_timer() noexcept {
  sched::timer_heap* before = nullptr;
  {
    const std::lock_guard hold(guard_);
    before = disarm_locked();
  }
  if (before != nullptr) before->stopped();
}

void side::fire(std::uint64_t fired, sched::timer_heap& heap) {
  bool late = false;
  {
    const std::lock_guard hold(guard_);
    if (generation.load(std::memory_order_relaxed) != fired) return;  // stopped meanwhile, and counted so
    generation.fetch_add(1, std::memory_order_relaxed);
    armed_.store(no_deadline, std::memory_order_seq_cst);
    const std::int64_t deadline = deadline_.load(std::memory_order_seq_cst);
    if (deadline != no_deadline && waiting_.load(std::memory_order_seq_cst)) {
      late = deadline <= sched::now_ns();
      if (!late) {
        armed_.store(deadline, std::memory_order_seq_cst);
        home_ = &heap;
        heap.add(deadline, *this, generation.fetch_add(1, std::memory_order_relaxed) + 1);
      }
    }
  }
  if (late) wake();
  heap.finished();
}

}  // namespace ravel::netpoll
