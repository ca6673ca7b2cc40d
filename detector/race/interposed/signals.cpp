// Handlers of signals. A handler is code of the program's that may begin between any two instructions, so also in the middle of the
// detector's, whose state and locks it would then need itself. So the kernel is given a handler of ours for all that the program installs,
// which calls the program's where the detector is at rest:
//   - at once when the thread was stopped by the signal in a call to the kernel that is the program's own: it may sleep there for long;
//   - at once, unchecked, where no goroutine runs on the thread, or the runtime still sleeps a millisecond later: the detector is not to be had;
//   - else at the next safepoint (function entry or loop's end) of instrumented code, and a timer asks again every millisecond meanwhile,
//     for the thread may go to sleep in the kernel before it.
// What a fault raises (SIGSEGV and such, SIGABRT) is of the instruction that raised it, and stays as the program wants it.
// Edges: installing a handler, or sending a signal, comes before what the handler does. (ThreadSanitizer orders the installation.)
//
// Invariant: `waiting` is of this thread; only its own handler writes it beside it, and handlers are the only writers while one runs.

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

#include "detector/base/spin_lock.hpp"
#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "detector/race/sync_events.hpp"
#include "detector/race/thread_state.hpp"
#include "runtime/abi/ravel_abi.h"

namespace ravel::detector {

namespace {

constexpr int signals = 65;
constexpr std::uint32_t most_waiting = 128;
constexpr std::uint32_t enough_waiting = most_waiting - signals;  // from here on the kernel keeps what comes: each signal comes once more at most
constexpr long until_asked_again = 1'000'000;                     // ns

using handler = void (*)(int, siginfo_t*, void*);

// As the program installed it. Its address is also the object of the edges.
struct installed {
  std::atomic<handler> function;
  std::atomic<int> flags;
  sigset_t mask;
};
installed handlers[signals];

struct waiting_signals {
  std::uint32_t count;
  bool asks_again;  // the timer is there
  bool keeps;       // some are in `kept`
  int timer;
  sigset_t kept;    // blocked by us, not by the program
  siginfo_t list[most_waiting];
};
__thread waiting_signals waiting __attribute__((tls_model("initial-exec")));

bool is_of_a_fault(int number) {
  return number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL || number == SIGTRAP || number == SIGSYS || number == SIGABRT;
}

bool same(const siginfo_t& a, const siginfo_t& b) {
  if (a.si_signo != b.si_signo) return false;
  if (a.si_signo < SIGRTMIN) return true;  // the kernel, too, keeps one of each
  return a.si_code == SI_TIMER && b.si_code == SI_TIMER && a.si_timerid == b.si_timerid;
}

void keep(const siginfo_t& info, ucontext_t& interrupted) {
  waiting_signals& w = waiting;
  for (std::uint32_t i = 0; i < w.count; ++i) {
    if (!same(w.list[i], info)) continue;
    if (info.si_code == SI_TIMER) w.list[i].si_overrun += 1 + info.si_overrun;
    return;
  }
  w.list[w.count++] = info;
  if (w.count < enough_waiting || sigismember(&interrupted.uc_sigmask, info.si_signo) == 1) return;
  if (!w.keeps) sigemptyset(&w.kept);
  w.keeps = true;
  sigaddset(&w.kept, info.si_signo);
  sigaddset(&interrupted.uc_sigmask, info.si_signo);
}

bool recording() { return this_thread.slot != nullptr && !this_thread.shares_slot && this_thread.slot->load(std::memory_order_relaxed) != 0; }

// Where a thread is in the kernel when a signal comes, the instruction before the next is the call; the next, where the call is made again
// afterwards (SA_RESTART).
bool in_kernel(const ucontext_t& interrupted) {
  const auto* next = reinterpret_cast<const unsigned char*>(interrupted.uc_mcontext.gregs[REG_RIP]);
  const auto is_call = [](const unsigned char* code) { return code[0] == 0x0f && code[1] == 0x05; };
  return is_call(next - 2) || is_call(next);
}

void ask_again(int number) {
  waiting_signals& w = waiting;
  if (!w.asks_again) {
    sigevent e{};
    e.sigev_notify = SIGEV_THREAD_ID;
    e.sigev_signo = number;
    e.sigev_value.sival_ptr = &w;
    e._sigev_un._tid = static_cast<pid_t>(::syscall(SYS_gettid));
    w.asks_again = ::syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &w.timer) == 0;
    if (!w.asks_again) return;  // the safepoint is left
  }
  const itimerspec soon{{0, 0}, {0, until_asked_again}};
  ::syscall(SYS_timer_settime, w.timer, 0, &soon, nullptr);
}

void run_one(const siginfo_t& info, ucontext_t& interrupted, bool checked) {
  installed& h = handlers[info.si_signo];
  const handler f = h.function.load(std::memory_order_acquire);
  if (f == nullptr) return;
  if (checked) acquire_from(&h);
  siginfo_t copy = info;
  if ((h.flags.load(std::memory_order_relaxed) & SA_SIGINFO) != 0) f(info.si_signo, &copy, &interrupted);
  else reinterpret_cast<void (*)(int)>(reinterpret_cast<void*>(f))(info.si_signo);
}

// The signals' own masks hold while their handlers run, as if the kernel had called them.
void run_waiting(ucontext_t& interrupted, bool checked) {
  waiting_signals& w = waiting;
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  if (w.asks_again) ::syscall(SYS_timer_delete, w.timer);
  w.asks_again = false;
  for (int s = 1; w.keeps && s < signals; ++s) {
    if (sigismember(&w.kept, s) != 1) continue;
    sigdelset(&before, s);
    sigdelset(&interrupted.uc_sigmask, s);
  }
  w.keeps = false;
  while (w.count != 0) {
    const siginfo_t info = w.list[0];
    --w.count;
    for (std::uint32_t i = 0; i < w.count; ++i) w.list[i] = w.list[i + 1];
    const installed& h = handlers[info.si_signo];
    sigset_t during;
    sigorset(&during, &before, &h.mask);
    if ((h.flags.load(std::memory_order_relaxed) & SA_NODEFER) == 0) sigaddset(&during, info.si_signo);
    ::pthread_sigmask(SIG_SETMASK, &during, nullptr);
    run_one(info, interrupted, checked);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void run_unchecked(ucontext_t& interrupted) {
  const inside_detector guard;
  run_waiting(interrupted, false);
}

void on_signal(int number, siginfo_t* info, void* context) {
  const int error = errno;
  auto& interrupted = *static_cast<ucontext_t*>(context);
  const bool again = info->si_code == SI_TIMER && info->si_value.sival_ptr == &waiting;
  if (!again) keep(*info, interrupted);
  if (waiting.count != 0) {
    const bool sleeps = in_kernel(interrupted) && !spin_lock::yields;
    const bool ours = this_thread.inside || recording();
    if (this_thread.self == nullptr || (sleeps && ours && again)) {
      run_unchecked(interrupted);
    } else if (sleeps && !ours) {
      run_waiting(interrupted, true);
    } else {
      __ravel_yield_request = 1;
      ask_again(number);
    }
  }
  errno = error;
}

void run_at_safepoint() {
  if (waiting.count == 0 || this_thread.inside || this_thread.self == nullptr) return;
  const int error = errno;
  ucontext_t here;
  ::getcontext(&here);
  run_waiting(here, true);
  errno = error;
}

// What the program believes to be installed.
void tell_before(int number, const struct sigaction& kernel, struct sigaction& before) {
  const installed& h = handlers[number];
  before = kernel;
  if ((kernel.sa_flags & SA_SIGINFO) == 0 || kernel.sa_sigaction != on_signal) return;
  before.sa_flags = h.flags.load(std::memory_order_relaxed);
  before.sa_mask = h.mask;
  before.sa_sigaction = h.function.load(std::memory_order_relaxed);
}

// The table first: what comes in between finds the new handler a little early.
int install(int number, const struct sigaction* next, struct sigaction* before, const void* frame) {
  if (libc.sigaction == nullptr) find_libc_functions();
  if (number <= 0 || number >= signals || is_of_a_fault(number)) return libc.sigaction(number, next, before);
  struct sigaction kernel, told;
  if (libc.sigaction(number, nullptr, &kernel) != 0) return -1;
  tell_before(number, kernel, told);
  if (next != nullptr) {
    struct sigaction ours = *next;
    const bool has_handler = next->sa_handler != SIG_DFL && next->sa_handler != SIG_IGN;
    if (has_handler && observed()) {
      installed& h = handlers[number];
      run_waiting_signals.store(run_at_safepoint, std::memory_order_relaxed);
      merge_into(&h, hooks::operation::signal_sent, frame);
      h.mask = next->sa_mask;
      h.flags.store(next->sa_flags, std::memory_order_relaxed);
      h.function.store(next->sa_sigaction, std::memory_order_release);
      ours.sa_sigaction = on_signal;
      ours.sa_flags |= SA_SIGINFO;
    }
    if (libc.sigaction(number, &ours, nullptr) != 0) return -1;
  }
  if (before != nullptr) *before = told;
  return 0;
}

void (*install_simple(int number, void (*function)(int), int flags, const void* frame))(int) {
  struct sigaction next{}, before;
  next.sa_handler = function;
  next.sa_flags = flags;
  return install(number, &next, &before, frame) == 0 ? before.sa_handler : SIG_ERR;
}

void sends(int number, const void* frame) {
  if (number <= 0 || number >= signals || !observed()) return;
  installed& h = handlers[number];
  if (h.function.load(std::memory_order_relaxed) != nullptr) merge_into(&h, hooks::operation::signal_sent, frame);
}

}  // namespace
}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

int sigaction(int number, const struct sigaction* next, struct sigaction* before) noexcept {
  return install(number, next, before, __builtin_frame_address(0));
}
void (*signal(int number, void (*function)(int)) noexcept)(int) { return install_simple(number, function, SA_RESTART, __builtin_frame_address(0)); }
// What <signal.h> calls signal in a program that asks for System V's alone.
void (*__sysv_signal(int number, void (*function)(int)) noexcept)(int) {
  return install_simple(number, function, static_cast<int>(SA_RESETHAND | SA_NODEFER), __builtin_frame_address(0));
}

int kill(pid_t process, int number) noexcept {
  sends(number, __builtin_frame_address(0));
  return libc.kill(process, number);
}
int raise(int number) noexcept {
  sends(number, __builtin_frame_address(0));
  return libc.raise(number);
}
int pthread_kill(pthread_t thread, int number) noexcept {
  sends(number, __builtin_frame_address(0));
  return libc.pthread_kill(thread, number);
}
int sigqueue(pid_t process, int number, const union sigval value) noexcept {
  sends(number, __builtin_frame_address(0));
  return libc.sigqueue(process, number, value);
}

}  // extern "C"
