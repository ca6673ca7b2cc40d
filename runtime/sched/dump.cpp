// What people see of goroutines: dumps, panics, fatal errors, the deadlock report.

#include <dirent.h>
#include <unistd.h>

#include <cstdio>
#include <cxxabi.h>
#include <exception>
#include <ostream>
#include <string>
#include <typeinfo>

#include "runtime/diag/text.hpp"
#include "runtime/sched/fatal.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {

using boost::context::detail::jump_fcontext;
using boost::context::detail::ontop_fcontext;
using boost::context::detail::transfer_t;

constexpr std::size_t most_frames = 100;

struct inspection { std::uintptr_t frame[most_frames]; std::size_t count; };

// Runs on top of a parked goroutine's own stack, so the unwinder needs nothing but what it always needs.
transfer_t inspect(transfer_t from) {
  auto& i = *static_cast<inspection*>(from.data);
  i.count = diag::unwind_here(i.frame, most_frames);
  return jump_fcontext(from.fctx, nullptr);
}

std::string title(const goroutine& g) {
  std::string text = "goroutine " + std::to_string(g.id);
  if (*g.name != '\0') text += std::string(" (") + g.name + ")";
  const bool parked = g.state.load() != status::running && g.state.load() != status::runnable;
  text += " [";
  text += parked ? hooks::words(g.waiting_for) : g.state.load() == status::running ? "running" : "runnable";
  return text + "]:\n";
}

std::string describe_all() {
  const hooks::own_use ours;  // the scheduler may ask, where no goroutine runs
  std::string text;
  visit_goroutines(&text, [](void* out, goroutine& g, inspected_stack s) {
    auto& t = *static_cast<std::string*>(out);
    if (!t.empty()) t += '\n';
    t += title(g) + diag::stack_text(s.frame, s.count);
  });
  return text;
}

[[noreturn]] void end_process(const std::string& text) {
  const hooks::own_use ours;
  if (::ftrylockfile(stdout) == 0) {
    std::fflush(stdout);
    ::funlockfile(stdout);
  }
  diag::write_stderr(text);
  ::_exit(2);
}

int os_threads() {
  DIR* d = ::opendir("/proc/self/task");
  if (d == nullptr) return 0;
  int n = 0;
  while (const dirent* e = ::readdir(d)) n += e->d_name[0] != '.';
  ::closedir(d);
  return n;
}

std::string what_was_thrown() {
  const std::exception_ptr e = std::current_exception();
  if (e == nullptr) return "std::terminate was called without an exception";
  try {
    std::rethrow_exception(e);
  } catch (const std::exception& x) {
    return x.what();
  } catch (...) {
    int status = 0;
    char* name = abi::__cxa_demangle(abi::__cxa_current_exception_type()->name(), nullptr, nullptr, &status);
    return std::string("exception of type ") + (name != nullptr ? name : "?");
  }
}

std::string current_stack() {
  std::uintptr_t frame[most_frames];
  return diag::stack_text(frame, diag::unwind_here(frame, most_frames));
}

std::string current_title() {
  const goroutine* g = current_if_any();
  return "goroutine " + std::to_string(g == nullptr ? 1 : g->id) + " [running]:\n";
}

}  // namespace

void visit_goroutines(void* context, void (*visit)(void* context, goroutine& g, inspected_stack stack)) {
  const std::lock_guard hold(global.all_lock);
  const goroutine* me = current_if_any();
  goroutine* last = global.all_goroutines;
  while (last != nullptr && last->all_next != nullptr) last = last->all_next;
  for (goroutine* g = last; g != nullptr; g = g->all_previous) {  // oldest first: main, then in order of creation
    inspection i{{}, 0};
    status waiting = status::waiting;
    if (g == me) {
      i.count = diag::unwind_here(i.frame, most_frames);
    } else if (!g->foreign && g->state.compare_exchange_strong(waiting, status::inspected, std::memory_order_acq_rel)) {
      g->context = ontop_fcontext(g->context, &i, inspect).fctx;
      g->state.store(status::waiting, std::memory_order_release);
    }
    visit(context, *g, {i.frame, i.count});
  }
}

void fatal(const char* what) { end_process(std::string("fatal error: ") + what + "\n\n" + current_title() + current_stack()); }

void end_with_usage_error(const char* before, const char* value, const char* after) {
  end_process(std::string(before) + value + after + "\n");
}

void end_with_panic() noexcept { end_process("panic: " + what_was_thrown() + "\n\n" + current_title() + current_stack()); }

// Called with the scheduler's lock whenever a machine or foreign thread has nothing left to run.
void check_deadlock_locked() {
  const auto somebody_may_act = [] {
    return global.idle_processor_count.load() < global.created_processors || global.queue_length.load() != 0 ||
           global.pending_timers.load() != 0 || global.blocking.load() != 0 || global.foreign_running.load() != 0 ||
           !global.main_adopted.load();
  };
  if (somebody_may_act() || global.goroutines.load() == 0) return;
  // Threads the runtime knows nothing of could still wake somebody. One that is adopted meanwhile counts as running before it counts as
  // known, so in this order it is seen as one or the other.
  const int known = global.known_threads.load();
  if (os_threads() > known || somebody_may_act()) return;
  if (global.main_exited && global.goroutines.load() == 1) {
    end_process("fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n");
  }
  end_process("fatal error: all goroutines are asleep - deadlock!\n\n" + describe_all());
}

}  // namespace ravel::sched

namespace ravel { inline namespace RAVEL_VARIANT {
void dump_goroutines(std::ostream& out) {
  sched::current();
  out << sched::describe_all();
}
} }
