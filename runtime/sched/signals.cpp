// Signals: stack overflow told as such, and SIGQUIT.

#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "runtime/diag/text.hpp"
#include "runtime/sched/goroutine_slots.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {

struct sigaction previous_segv;

constexpr std::size_t shown_frames = 20;  // the innermost: of a recursion the rest is the same again

// A stack without a slot is a thread's: the kernel says no more than that the access was near its end.
bool overflowed(const goroutine& g, std::uintptr_t at, std::uintptr_t stack_pointer) {
  if (g.has_slot()) return guarded_by(at) == &g;
  constexpr std::uintptr_t near = 64 << 10;
  return at + near >= stack_pointer && at < stack_pointer + near;
}

[[noreturn]] void end_with_overflow(const goroutine& g) {
  char text[200];
  int n = std::snprintf(text, sizeof text, "fatal error: stack overflow\n\ngoroutine %llu%s%s%s [running]: its stack ",
                        static_cast<unsigned long long>(g.id), *g.name != '\0' ? " (" : "", g.name, *g.name != '\0' ? ")" : "");
  diag::write_stderr({text, static_cast<std::size_t>(n)});
  if (g.has_slot()) {
    n = std::snprintf(text, sizeof text, "of %zu KiB is full: give it more with go_options::stack_size\n",
                      (std::size_t{1} << g.slot_class) >> 10);
    diag::write_stderr({text, static_cast<std::size_t>(n)});
  } else {
    diag::write_stderr("is full: it is an OS thread's (ulimit -s)\n");
  }
  // Names need memory, whose lock the overflow may have happened under. What matters is said; the rest within two seconds or not at all.
  const hooks::own_use ours;
  struct sigaction end {};
  end.sa_handler = [](int) { ::_exit(2); };
  ::sigaction(SIGALRM, &end, nullptr);
  sigset_t alarm;
  ::sigemptyset(&alarm);
  ::sigaddset(&alarm, SIGALRM);
  ::pthread_sigmask(SIG_UNBLOCK, &alarm, nullptr);
  ::alarm(2);
  std::uintptr_t frame[shown_frames];
  diag::write_stderr(diag::stack_text(frame, diag::unwind_here(frame, shown_frames)) + "...\n");
  ::_exit(2);
}

void on_fault(int signal, siginfo_t* info, void* context) {
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  const auto* registers = static_cast<const ucontext_t*>(context);
#if defined(__x86_64__)
  const auto stack_pointer = static_cast<std::uintptr_t>(registers->uc_mcontext.gregs[REG_RSP]);
#else
  const std::uintptr_t stack_pointer = registers->uc_mcontext.sp;
#endif
  const goroutine* g = current_if_any();
  if (g != nullptr && overflowed(*g, at, stack_pointer)) end_with_overflow(*g);
  if ((previous_segv.sa_flags & SA_SIGINFO) != 0 && previous_segv.sa_sigaction != nullptr) {
    previous_segv.sa_sigaction(signal, info, context);
    return;
  }
  ::sigaction(SIGSEGV, &previous_segv, nullptr);  // returns to the faulting instruction, which then takes the default action
}

void on_quit(int) {
  dump_requested.store(true, std::memory_order_release);
  wake_monitor();
}

}  // namespace

void use_alternate_signal_stack() {
  constexpr std::size_t size = 128 << 10;
  stack_t s{};
  s.ss_sp = std::malloc(size);
  s.ss_size = size;
  if (s.ss_sp != nullptr) ::sigaltstack(&s, nullptr);
}

void install_signal_handlers() {
  const hooks::own_use ours;
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigaction(SIGSEGV, &action, &previous_segv);
  use_alternate_signal_stack();
  // A program that has its own way with SIGQUIT keeps it.
  struct sigaction present {};
  if (::sigaction(SIGQUIT, nullptr, &present) == 0 && present.sa_handler == SIG_DFL) {
    struct sigaction quit {};
    quit.sa_handler = on_quit;
    quit.sa_flags = SA_ONSTACK | SA_RESTART;
    ::sigaction(SIGQUIT, &quit, nullptr);
  }
}

}  // namespace ravel::sched
