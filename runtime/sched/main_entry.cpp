// Around main: the panic handler before it, and the end of the process after it, whatever other goroutines do and on whatever thread
// goroutine 1 returns. Also the report of a stack overflow.
//
// The start-up code calls __libc_start_main; this definition comes first at link time and passes on to the C library's.

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "runtime/diag/text.hpp"
#include "runtime/sched/fatal.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {

using main_function = int (*)(int, char**, char**);
main_function user_main = nullptr;

int run_main(int argc, char** argv, char** environment) {
  std::set_terminate(end_with_panic);
  // libstdc++ counts shared_ptr references without atomics while a process has never had a second thread. Goroutines move between
  // threads later, and the detector must see atomics from the start: so there has been one.
  {
    const hooks::own_use ours;
    pthread_t thread;
    if (::pthread_create(&thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr) == 0) ::pthread_join(thread, nullptr);
  }
  current();  // goroutine 1, before another thread of the program can take part
  const int result = user_main(argc, argv, environment);
  // Destructors of globals run while other goroutines may still be running, as in any C++ program that ends so; they are not checked.
  if constexpr (hooks::enabled) hooks::sink().ignore_begin(current());
  std::exit(result);
}

struct sigaction previous_segv;

void on_fault(int signal, siginfo_t* info, void* context) {
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  const goroutine* g = current_if_any();
  if (g != nullptr && g->stack && at < g->stack.low && at + 4096 >= g->stack.low) {
    char text[160];
    const int n = std::snprintf(text, sizeof text,
                                "fatal error: stack overflow\n\ngoroutine %llu%s%s [running]: its stack of %zu KiB is full (go_options::stack_size)\n",
                                static_cast<unsigned long long>(g->id), *g->name != '\0' ? " " : "", g->name, (g->stack.high - g->stack.low) >> 10);
    diag::write_stderr({text, static_cast<std::size_t>(n)});
    ::_exit(2);
  }
  if ((previous_segv.sa_flags & SA_SIGINFO) != 0 && previous_segv.sa_sigaction != nullptr) {
    previous_segv.sa_sigaction(signal, info, context);
    return;
  }
  ::sigaction(SIGSEGV, &previous_segv, nullptr);  // returns to the faulting instruction, which then takes the default action
}

}  // namespace

void use_alternate_signal_stack() {
  constexpr std::size_t size = 64 << 10;
  stack_t s{};
  s.ss_sp = std::malloc(size);
  s.ss_size = size;
  if (s.ss_sp != nullptr) ::sigaltstack(&s, nullptr);
}

void install_fault_handler() {
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigaction(SIGSEGV, &action, &previous_segv);
  use_alternate_signal_stack();
}

}  // namespace ravel::sched

extern "C" int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(), void (*fini)(), void (*rtld_fini)(),
                                 void* stack_end) {
  using start = int (*)(int (*)(int, char**, char**), int, char**, void (*)(), void (*)(), void (*)(), void*);
  const auto libc = reinterpret_cast<start>(::dlsym(RTLD_NEXT, "__libc_start_main"));
  RAVEL_CHECK(libc != nullptr);
  ravel::sched::user_main = main;
  return libc(ravel::sched::run_main, argc, argv, init, fini, rtld_fini, stack_end);
}
