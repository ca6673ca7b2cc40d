// What people see of goroutines: dumps, panics, fatal errors, the deadlock report.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cxxabi.h>
#include <exception>
#include <ostream>
#include <string>
#include <typeinfo>
#include <vector>

#include "runtime/diag/text.hpp"
#include "runtime/sched/controlled.hpp"
#include "runtime/sched/fatal.hpp"
#include "runtime/sched/fiber_annotations.hpp"
#include "runtime/sched/goroutine_slots.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {

constexpr std::size_t most_frames = 100;

struct inspection {
  context back;       // the dumping thread's own stack
  goroutine* g;
  std::uintptr_t frame[most_frames];
  std::size_t count;
};

// Runs on top of a saved goroutine's own stack, so the unwinder needs nothing but what it always needs.
RAVEL_UNINSTRUMENTED void* inspect(void* argument) {
  auto& i = *static_cast<inspection*>(argument);
  i.count = diag::unwind_here(i.frame, most_frames);
  return switch_context(&i.g->saved, i.back, nullptr);
}

// Of a goroutine that runs the fields may change while they are read, or it may end: what is shown of it is of some moment just past.
struct glance {
  std::uint64_t id;
  const char* name;
  status state;
  hooks::wait_reason waiting_for;
};
RAVEL_UNINSTRUMENTED glance look_at(const goroutine& g) { return {g.id, g.name, g.state.load(std::memory_order_acquire), g.waiting_for}; }

std::string title(const glance& g) {
  std::string text = "goroutine " + std::to_string(g.id);
  if (*g.name != '\0') text += std::string(" (") + g.name + ")";
  text += " [";
  switch (g.state) {
    case status::dead: text += "dead"; break;
    case status::created:
    case status::runnable: text += "runnable"; break;
    case status::running: text += g.waiting_for == hooks::wait_reason::blocking_call ? hooks::words(g.waiting_for) : "running"; break;
    case status::waiting: text += hooks::words(g.waiting_for); break;
  }
  return text + "]:\n";
}

struct description {
  bool (*wanted)(const goroutine& g);
  std::string text;
};

}  // namespace

std::string describe_goroutines(bool (*wanted)(const goroutine& g)) {
  const hooks::own_use ours;  // the scheduler may ask, where no goroutine runs
  description d{wanted, {}};
  visit_goroutines(&d, [](void* out, goroutine& g, inspected_stack s) {
    auto& mine = *static_cast<description*>(out);
    if (!mine.wanted(g)) return;
    std::string& t = mine.text;
    if (!t.empty()) t += '\n';
    t += title(look_at(g)) + diag::stack_text(s.frame, s.count);
    if (s.count == 0) t += "\t(it runs on another thread: its stack cannot be read)\n";
  });
  return d.text;
}

namespace {

std::string describe_all() {
  return describe_goroutines([](const goroutine&) { return true; });
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

RAVEL_UNINSTRUMENTED void visit_goroutines(void* context, void (*visit)(void* context, goroutine& g, inspected_stack stack)) {
  const hooks::own_use ours;
  hold_world();
  using by_id = std::pair<std::uint64_t, goroutine*>;
  std::vector<by_id> all;
  const auto collect = [](void* out, goroutine& g) {
    const glance seen = look_at(g);
    if (seen.state != status::dead && seen.state != status::created) static_cast<std::vector<by_id>*>(out)->emplace_back(seen.id, &g);
  };
  collect(&all, main_goroutine());
  visit_slots(&all, collect);
  visit_foreign(&all, collect);
  std::sort(all.begin(), all.end());
  goroutine* me = current_if_any();
  for (const auto& [id, g] : all) {
    inspection i{nullptr, g, {}, 0};
    const status s = g->state.load(std::memory_order_acquire);
    if (g == me) {
      i.count = diag::unwind_here(i.frame, most_frames);
    } else if (!g->foreign && (s == status::waiting || s == status::runnable)) {
      switch_on_top(&i.back, g->saved, &i, inspect);
    }
    visit(context, *g, {i.frame, i.count});
  }
  release_world();
}

// In a controlled run what would end the process ends one schedule of many.
void fatal(const char* what) {
  if (controlled_goroutine_here() != nullptr) {
    if (controlled.unwinding) give_up_unwinding();
    hooks::end_schedule(hooks::ending::fatal, (std::string("fatal error: ") + what).c_str());
  }
  end_process(std::string("fatal error: ") + what + "\n\n" + current_title() + current_stack());
}

void end_with_usage_error(const char* before, const char* value, const char* after) {
  end_process(std::string(before) + value + after + "\n");
}

void end_with_panic() noexcept {
  if (controlled_goroutine_here() != nullptr) end_controlled_panic(("panic: " + what_was_thrown()).c_str());
  end_process("panic: " + what_was_thrown() + "\n\n" + current_title() + current_stack());
}

void end_with_deadlock() { end_process("fatal error: all goroutines are asleep - deadlock!\n\n" + describe_all()); }

void end_without_goroutines() { end_process("fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n"); }

void dump_and_exit() { end_process("SIGQUIT: quit\n\n" + describe_all()); }

}  // namespace ravel::sched

namespace ravel { inline namespace RAVEL_VARIANT {
void dump_goroutines(std::ostream& out) {
  sched::current();
  out << sched::describe_all();
}
} }
