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

constinit standing_words* last_alone = nullptr;     // global.lock; the thread that was given the standing last, null: is known to have lost it
constinit std::atomic<bool> possible{false};        // written before there is a second thread
constinit std::atomic<bool> others_came{false};     // written under global.lock: threads that hold no processor have changed words

[[gnu::noinline]] standing_words& own_words() noexcept { return __ravel_standing; }

bool only_one_runs_locked(const machine& m) noexcept {
  return possible.load(std::memory_order_relaxed) && !others_came.load(std::memory_order_relaxed) && global.main_adopted.load(std::memory_order_relaxed) &&
         global.limit.load(std::memory_order_relaxed) == 1 && m.p->id == 0 &&
         global.idle_processor_count.load(std::memory_order_relaxed) == global.created_processors.load(std::memory_order_relaxed) - 1;
}

bool take_standing(const machine& m, standing_words& own) noexcept {
  // With several processors others go by locked instructions as long as this one is held: no need to look closely.
  if (possible.load(std::memory_order_relaxed) && global.limit.load(std::memory_order_relaxed) == 1) {
    const std::lock_guard hold(global.lock);
    if (only_one_runs_locked(m)) {
      last_alone = &own;
      own.standing.store(detail::alone, std::memory_order_relaxed);
      return true;
    }
  }
  own.standing.store(detail::among_others, std::memory_order_relaxed);
  return false;
}

}  // namespace

void prepare_to_be_alone() noexcept { possible.store(register_barrier(), std::memory_order_relaxed); }

void stand_back() noexcept { own_words().standing.store(detail::unknown, std::memory_order_release); }

void ask_again() noexcept {
  if (!possible.load(std::memory_order_relaxed) || others_came.load(std::memory_order_relaxed) || global.limit.load(std::memory_order_relaxed) != 1) return;
  standing_words& own = own_words();
  if (own.standing.load(std::memory_order_relaxed) == detail::among_others) stand_back();
}

bool end_alone_locked() noexcept {
  if (last_alone == nullptr) return true;
  last_alone->standing.store(detail::among_others, std::memory_order_relaxed);
  barrier_on_all_threads();
  if (last_alone->inside.load(std::memory_order_acquire) != 0) return false;
  last_alone = nullptr;
  return true;
}

void end_alone(std::unique_lock<os_lock>& hold) noexcept {
  while (!end_alone_locked()) {
    hold.unlock();
    const timespec pause{0, 50'000};
    ::syscall(SYS_nanosleep, &pause, nullptr);
    hold.lock();
  }
}

#endif

}  // namespace ravel::sched

#if RAVEL_ALONE

namespace ravel { inline namespace RAVEL_VARIANT { namespace detail {

namespace {

using namespace sched;

bool ask_for_standing(standing_words& own) noexcept {
  const machine* m = this_machine();
  if (m != nullptr && m->p != nullptr) return take_standing(*m, own);
  // Before main, constructors of globals: nobody can be alone before this thread is a machine.
  if (m == nullptr && !global.main_adopted.load(std::memory_order_relaxed) && ::getpid() == ::gettid()) return false;
  {
    std::unique_lock hold(global.lock);
    others_came.store(true, std::memory_order_relaxed);
    end_alone(hold);
  }
  own.standing.store(among_others, std::memory_order_relaxed);
  return false;
}

}  // namespace

[[gnu::noinline, gnu::cold]] bool enter_after_all() noexcept {
  standing_words& own = own_words();
  own.inside.store(0, std::memory_order_release);
  if (own.standing.load(std::memory_order_relaxed) != unknown || !ask_for_standing(own)) return false;
  own.inside.store(1, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);  // and the comer's barrier: it sees the one, or this thread the other
  if (own.standing.load(std::memory_order_relaxed) == alone) return true;
  own.inside.store(0, std::memory_order_release);
  return false;
}

} } }

#endif
