#include "detector/race/calling_context.hpp"

#include <sys/resource.h>
#include <unwind.h>

#include <algorithm>

#include "detector/base/spin_lock.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/shadow/stack_depot.hpp"

extern "C" void* __libc_stack_end;

namespace ravel::detector {

namespace {

constexpr std::size_t most_frames = 512;

struct trace {
  std::uintptr_t frame[most_frames];
  std::size_t count;
};

struct bounds { std::uintptr_t low, high; };

bounds stack_bounds(std::uintptr_t here) {
  const goroutine_state* g = running();
  if (g != nullptr && here >= g->stack_low && here < g->stack_high) return {here, g->stack_high};
  const auto main_end = reinterpret_cast<std::uintptr_t>(__libc_stack_end);
  if (here < main_end && main_end - here < (std::uintptr_t{1} << 30)) return {here, main_end};
  return {here, here + (1 << 20)};
}

// Return addresses below which there is nothing to see (the callers of main and of thread functions), found by agreeing once with the
// unwinder. Few; a full table only means asking the unwinder again.
constexpr std::size_t most_bottoms = 16;
std::atomic<std::uintptr_t> bottoms[most_bottoms];

bool is_bottom(std::uintptr_t address) {
  return std::any_of(std::begin(bottoms), std::end(bottoms), [&](auto& b) { return b.load(std::memory_order_relaxed) == address; });
}
void add_bottom(std::uintptr_t address) {
  for (auto& b : bottoms) {
    std::uintptr_t none = 0;
    if (b.load(std::memory_order_relaxed) == address || b.compare_exchange_strong(none, address)) return;
  }
}

extern "C" const char __executable_start, etext;

// Code of the program itself has frame pointers. A library's may not: its caller's frame is then missing from the walk, which ends well
// all the same.
bool has_frame_pointer(std::uintptr_t return_address) {
  return return_address >= reinterpret_cast<std::uintptr_t>(&__executable_start) && return_address < reinterpret_cast<std::uintptr_t>(&etext);
}

// `frame` is a frame pointer: [frame] the caller's, [frame + 8] the return address into him. True when the walk ended at the stack's base.
bool walk_to_base(std::uintptr_t frame, trace& t) {
  const bounds b = stack_bounds(frame);
  t.count = 0;
  while (t.count < most_frames) {
    if (frame < b.low || frame + 16 > b.high || frame % 8 != 0) break;
    const auto* f = reinterpret_cast<const std::uintptr_t*>(frame);
    if (f[1] < 4096) return t.count != 0;
    t.frame[t.count++] = f[1];
    if (b.high - frame < 512 && f[0] == 0) return true;
    if (f[0] <= frame) return f[0] == 0 || is_bottom(f[1]);
    frame = f[0];
  }
  return t.count == most_frames || (t.count != 0 && (is_bottom(t.frame[t.count - 1]) || b.high - std::min(frame, b.high) < 512));
}

bool walk_frames(std::uintptr_t frame, trace& t) {
  if (!walk_to_base(frame, t)) return false;
  return std::all_of(t.frame, t.frame + t.count, [](std::uintptr_t a) { return has_frame_pointer(a) || is_bottom(a); });
}

_Unwind_Reason_Code keep_frame(_Unwind_Context* context, void* argument) {
  trace& t = *static_cast<trace*>(argument);
  const std::uintptr_t address = _Unwind_GetIP(context);
  if (address == 0 || t.count == most_frames) return _URC_END_OF_STACK;
  t.frame[t.count++] = address;
  return _URC_NO_REASON;
}

// Replaces the walk by the unwinder's from the walk's first frame on.
void unwind_instead(trace& t) {
  static thread_local trace exact;
  exact.count = 0;
  _Unwind_Backtrace(keep_frame, &exact);
  const auto* begin = exact.frame;
  const auto* end = exact.frame + exact.count;
  const auto* same = t.count == 0 ? begin : std::find(begin, end, t.frame[0]);
  if (same == end) return;
  // Below the start of main or of a thread are two frames at most. Where there are more, the walk met a library without frame pointers.
  const auto walked = static_cast<std::ptrdiff_t>(t.count);
  if (walked != 0 && end - same <= walked + 2 && std::equal(t.frame, t.frame + walked, same, same + std::min(walked, end - same))) {
    add_bottom(t.frame[t.count - 1]);
  }
  t.count = static_cast<std::size_t>(std::copy(same, end, t.frame) - t.frame);
}

stack_id walk(std::uintptr_t frame) {
  static thread_local trace t;  // 4 KB: too much for a goroutine that is nearly out of stack
  if (!walk_frames(frame, t)) unwind_instead(t);
  return stack_depot::intern(t.frame, t.count);
}

// A context names the calls of instrumented code only. Uninstrumented code keeps its caller's, so several of its functions are seen with
// the same one; the return address tells them apart.
std::uint64_t context_of(std::uint64_t context, std::uintptr_t frame) {
  const std::uint64_t return_address = reinterpret_cast<const std::uintptr_t*>(frame)[1];
  return context ^ return_address * 0x9e3779b97f4a7c15;
}

stack_id known_or_walked(std::uint64_t context_in_callers, std::uintptr_t frame) {
  const std::uint64_t context = context_of(context_in_callers, frame);
  known_stack& mine = known_stack_for(context);
  if (mine.context == context && mine.stack != 0) return mine.stack;
  stack_id id = stack_depot::find_context(context);
  if (id == 0) {
    inside_detector guard;
    id = walk(frame);
    if (id == 0) return 0;
    stack_depot::remember_context(context, id);
  }
  mine = {context, id};
  return id;
}

}  // namespace

stack_id stack_of_access(std::uint64_t context, const void* frame) {
  return known_or_walked(context, *static_cast<const std::uintptr_t*>(frame));
}

stack_id stack_of_event(const void* frame) { return known_or_walked(__ravel_context, reinterpret_cast<std::uintptr_t>(frame)); }

}  // namespace ravel::detector
