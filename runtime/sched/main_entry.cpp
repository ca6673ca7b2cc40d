// Around main: the panic handler before it, and the end of the process after it, whatever other goroutines do and on whatever thread
// goroutine 1 returns.
//
// The start-up code calls __libc_start_main; this definition comes first at link time and passes on to the C library's.

#include <dlfcn.h>

#include <cstdlib>
#include <exception>

#include "runtime/hooks/controlled.hpp"
#include "runtime/hooks/order.hpp"
#include "runtime/sched/fatal.hpp"
#include "runtime/sched/library_frames.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {

using main_function = int (*)(int, char**, char**);
main_function user_main = nullptr;

struct {
  int argc;
  char** argv;
  char** environment;
} given;

[[maybe_unused]] int run_program() { return user_main(given.argc, given.argv, given.environment); }

int run_main(int argc, char** argv, char** environment) {
  std::set_terminate(end_with_panic);
  main_begins_at(__builtin_dwarf_cfa());
  current();  // before any other thread could
  if constexpr (hooks::enabled) {
    if (hooks::runs_program != nullptr) {
      given = {argc, argv, environment};
      std::exit(hooks::runs_program(run_program));
    }
  }
  // The monitor also makes the process one with threads from the start: libstdc++ counts shared_ptr references without atomics until there
  // has been a second thread; goroutines move between threads later, and the detector must see atomics from the first on.
  start_monitor();
  if (hooks::order_keeper* k = hooks::keeps_order()) k->main_begins();
  const int result = user_main(argc, argv, environment);
  // The destructors of globals run beside the goroutines that are running now, as in any C++ program that ends so, and are not checked. But
  // none that is parked goes on, to find a channel gone: as in Go, where the process is over.
  if constexpr (hooks::enabled) {
    if (hooks::order_keeper* k = hooks::keeps_order()) k->main_returned();
  }
  hold_world();
  if constexpr (hooks::enabled) hooks::sink().main_returned();
  keep_world_for_the_end();
  if constexpr (hooks::enabled) hooks::sink().ignore_begin(current());
  std::exit(result);
}

}  // namespace

}  // namespace ravel::sched

extern "C" int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(), void (*fini)(), void (*rtld_fini)(),
                                 void* stack_end) {
  using start = int (*)(int (*)(int, char**, char**), int, char**, void (*)(), void (*)(), void (*)(), void*);
  const auto libc = reinterpret_cast<start>(::dlsym(RTLD_NEXT, "__libc_start_main"));
  RAVEL_CHECK(libc != nullptr);
  ravel::sched::user_main = main;
  return libc(ravel::sched::run_main, argc, argv, init, fini, rtld_fini, stack_end);
}

// The gdb commands `info goroutines` and `goroutine N ...` come with the program: gdb reads them from this section.
asm(R"(
  .pushsection ".debug_gdb_scripts", "MS", @progbits, 1
  .byte 4
  .ascii "ravel-gdb.py\n"
  .incbin ")" RAVEL_GDB_SCRIPT R"("
  .byte 0
  .popsection
)");
