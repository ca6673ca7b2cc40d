// Start and end of the detector.
//
// Starts from .preinit_array: before constructors of any library, so before any instrumented code; after it no access is unchecked.

#include <unistd.h>

#include <cstdlib>

#include "detector/race/goroutine_state.hpp"
#include "detector/race/heap.hpp"
#include "detector/race/interposed/fork.hpp"
#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/race_report.hpp"
#include "detector/race/record_access.hpp"
#include "detector/race/sync_events.hpp"
#include "detector/record/recorder.hpp"
#include "detector/report/options.hpp"
#include "detector/report/sink.hpp"
#include "detector/shadow/goroutine_table.hpp"
#include "detector/shadow/history.hpp"
#include "detector/shadow/lock_sets.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "detector/shadow/stack_depot.hpp"
#include "runtime/abi/ravel_abi.h"
#include "runtime/hooks/services.hpp"

extern "C" const char RAVEL_ABI_SYMBOL = RAVEL_ABI_VERSION;

namespace ravel::detector {

namespace {

void at_exit() {
  if (unchecked_process) return;
  inside_detector guard;
  finish_reports();
}

void start(int, char**, char** environment) {
  inside_detector guard;
  environ = environment;  // libc sets it in a constructor of its own, which comes later: until then getenv would see nothing
  find_libc_functions();
  find_exception_functions();
  find_stdexcept_functions();
  find_memory_resource_functions();
  find_future_functions();
  find_random_functions();
  map_shadow();
  choose_vector_saving();
  reserve_histories();
  stack_depot::reserve();
  goroutine_table::reserve();
  lock_sets::reserve();
  report::load_options(std::getenv("RAVEL_OPTIONS"));
  report::open_report_file(program_path());
  record::start_recording(program_path());
  hooks::set_event_sink(race_sink());
  hooks::current_goroutine();
  // Registered first, so it runs last: after everything the program registers.
  std::atexit(at_exit);
  watch_forks();
  start_watching_heap();
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const start_before_everything)(int, char**, char**) = start;

}  // namespace

}  // namespace ravel::detector
