#include "runtime/sched/alone.hpp"

#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mutex>

#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {

bool register_barrier() noexcept {
  static const bool registered = ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
  return registered;
}

// Taking a right from a page that is in use interrupts every processor that runs the process. For a program that has denied itself the
// call which is made for this.
void barrier_by_page() noexcept {
  static constinit os_lock one_at_a_time;
  const std::lock_guard hold(one_at_a_time);
  constexpr std::size_t page = 4096;
  void* p = ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  RAVEL_CHECK(p != MAP_FAILED);
  *static_cast<volatile char*>(p) = 1;
  RAVEL_CHECK(::mprotect(p, page, PROT_READ) == 0);
  ::munmap(p, page);
}

}  // namespace

void barrier_on_all_threads() noexcept {
  const hooks::own_use ours;
  if (register_barrier() && ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0) return;
  if (::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0) return;
  barrier_by_page();
}

#if RAVEL_ALONE

struct standing_words {
  std::atomic<std::uint32_t> inside{0};
  std::atomic<std::uint32_t> standing{detail::unknown};
};

extern "C" {
[[gnu::visibility("default")]] __thread constinit standing_words __ravel_standing __attribute__((tls_model("initial-exec"))){};
}

namespace {

constexpr int a_moment = 1000;                      // pauses

constinit standing_words* last_alone = nullptr;     // global.lock; who was given the standing last. Null: and has lost it
constinit std::atomic<bool> possible{false};        // written before there is a second thread
constinit std::atomic<bool> others_came{false};     // written under global.lock: threads without a processor have changed words, for good

[[gnu::noinline]] standing_words& own_words() noexcept { return __ravel_standing; }

// A processor that is lent is not idle: who is in blocking() may go on with it, or the monitor give it to another.
bool all_others_idle() noexcept {
  return global.idle_processor_count.load(std::memory_order_relaxed) == global.created_processors.load(std::memory_order_relaxed) - 1;
}

// Of a thread that holds a processor. One that does not get the standing may go by locked instructions as long as it holds it: meanwhile nobody gets it.
bool take_standing(standing_words& own) noexcept {
  if (possible.load(std::memory_order_relaxed) && all_others_idle()) {
    const std::lock_guard hold(global.lock);
    if (!others_came.load(std::memory_order_relaxed) && global.main_adopted.load(std::memory_order_relaxed) && all_others_idle()) {
      last_alone = &own;
      own.standing.store(detail::alone, std::memory_order_relaxed);
      return true;
    }
  }
  own.standing.store(detail::among_others, std::memory_order_relaxed);
  return false;
}

// A thread without a processor: it changes words whenever it likes from now on.
void come_from_outside(standing_words& own) noexcept {
  for (bool ended = false; !ended;) {
    {
      const std::lock_guard hold(global.lock);
      others_came.store(true, std::memory_order_relaxed);
      ended = end_alone_locked();
    }
    const timespec pause{0, 50'000};
    if (!ended) ::syscall(SYS_nanosleep, &pause, nullptr);
  }
  own.standing.store(detail::among_others, std::memory_order_relaxed);
}

bool ask_for_standing(standing_words& own) noexcept {
  const machine* m = this_machine();
  if (m != nullptr && m->p != nullptr) return take_standing(own);
  // Before main, constructors of globals: nobody can be alone before this thread is a machine.
  const bool constructing = m == nullptr && !global.main_adopted.load(std::memory_order_relaxed) && ::getpid() == ::gettid();
  if (!constructing) come_from_outside(own);
  return false;
}

}  // namespace

void prepare_to_be_alone() noexcept { possible.store(register_barrier(), std::memory_order_relaxed); }

void stand_back() noexcept { own_words().standing.store(detail::unknown, std::memory_order_release); }

void ask_again() noexcept {
  if (!possible.load(std::memory_order_relaxed) || others_came.load(std::memory_order_relaxed) || !all_others_idle()) return;
  if (own_words().standing.load(std::memory_order_relaxed) == detail::among_others) stand_back();
}

bool end_alone_locked() noexcept {
  if (last_alone == nullptr) return true;
  std::uint32_t was = detail::alone;  // one that has stood back meanwhile must ask again
  last_alone->standing.compare_exchange_strong(was, detail::among_others, std::memory_order_seq_cst);
  if (last_alone != &own_words()) {
    barrier_on_all_threads();
    for (int i = 0; last_alone->inside.load(std::memory_order_acquire) != 0; ++i) {
      if (i == a_moment) return false;
      __builtin_ia32_pause();
    }
  }
  last_alone = nullptr;
  return true;
}

#endif

}  // namespace ravel::sched

#if RAVEL_ALONE

namespace ravel { inline namespace RAVEL_VARIANT { namespace detail {

[[gnu::noinline, gnu::cold]] bool enter_after_all() noexcept {
  sched::standing_words& own = sched::own_words();
  own.inside.store(0, std::memory_order_release);
  if (own.standing.load(std::memory_order_relaxed) != unknown || !sched::ask_for_standing(own)) return false;
  own.inside.store(1, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);  // and the comer's barrier: it sees the one, or this thread the other
  if (own.standing.load(std::memory_order_relaxed) == alone) return true;
  own.inside.store(0, std::memory_order_release);
  return false;
}

} } }

#endif
