#include "detector/check/describe.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include "detector/race/calling_context.hpp"
#include "detector/race/heap.hpp"
#include "detector/race/locate.hpp"
#include "detector/race/race_report.hpp"
#include "detector/report/sink.hpp"
#include "detector/shadow/goroutine_table.hpp"
#include "detector/shadow/stack_depot.hpp"
#include "runtime/hooks/controlled.hpp"

extern "C" void* __libc_stack_end;

namespace ravel::detector {

bool is_main(const goroutine_state& g) { return g.view->id == 1 && !hooks::controlled_run_active(); }

std::uintptr_t stack_end(const goroutine_state& g) { return is_main(g) ? reinterpret_cast<std::uintptr_t>(__libc_stack_end) : g.stack_high; }

std::string name_of_goroutine(const goroutine_state& g) {
  const goroutine_record& r = goroutine_table::at(g.index);
  std::string text = "goroutine " + std::to_string(r.id);
  if (r.id == 1) text += " (main)";
  else if (r.name[0] != '\0') text += std::string(" (") + r.name + ")";
  return text;
}

std::string hex_address(const void* p) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%012llx", static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(p)));
  return text;
}

stack_id present_stack(const goroutine_state& g) {
  if (&g == running()) return stack_of_event(__builtin_frame_address(0));
  std::uintptr_t frame = hooks::parked_frame_pointer(*g.view);
  const std::uintptr_t high = stack_end(g);
  constexpr std::size_t most = 256;
  std::uintptr_t addresses[most];
  std::size_t n = 0;
  while (n < most && frame != 0 && frame % 8 == 0 && frame + 16 <= high) {
    const auto* f = reinterpret_cast<const std::uintptr_t*>(frame);
    if (f[1] < 4096) break;
    addresses[n++] = f[1];
    if (f[0] <= frame) break;
    frame = f[0];
  }
  return n == 0 ? 0 : stack_depot::intern(addresses, n);
}

report::party party_of(const goroutine_state& g, std::string doing, stack_id at, lock_set_id locks) {
  return {readable_goroutine(g.index), std::move(doing), readable_stack(at), readable_locks(locks)};
}

bool is_made_by(const void* object, const char* function) {
  const auto block = find_heap_block(reinterpret_cast<std::uintptr_t>(object));
  if (!block) return false;
  constexpr std::size_t most = 8;  // the runtime's own frames are the innermost
  std::uintptr_t frames[most];
  const std::size_t n = std::min(stack_depot::frames(block->allocated_at, frames, most), most);
  struct search { const char* wanted; bool found; } s{function, false};
  for (std::size_t i = 0; i < n && !s.found; ++i) {
    hooks::symbolize(frames[i] - 1, &s, [](void* argument, const hooks::source_frame& f) {
      auto& w = *static_cast<search*>(argument);
      w.found = w.found || std::strstr(f.function, w.wanted) != nullptr;
    });
  }
  return s.found;
}

const char* noun_for(hooks::wait_reason reason) {
  using hooks::wait_reason;
  switch (reason) {
    case wait_reason::chan_send:
    case wait_reason::chan_send_nil:
    case wait_reason::chan_receive:
    case wait_reason::chan_receive_nil:
    case wait_reason::select:
    case wait_reason::select_no_cases: return "channel";
    case wait_reason::mutex_lock: return "mutex";
    case wait_reason::rw_mutex_lock:
    case wait_reason::rw_mutex_rlock: return "rw_mutex";
    case wait_reason::wait_group_wait: return "wait_group";
    case wait_reason::once_call: return "once";
    case wait_reason::cond_wait: return "cond";
    case wait_reason::semaphore_wait: return "semaphore";
    case wait_reason::futex_wait: return "atomic";
    case wait_reason::none:
    case wait_reason::sleep:
    case wait_reason::io_wait:
    case wait_reason::blocking_call: return "object";
  }
  __builtin_unreachable();
}

report::sync_object object_of(const void* object, hooks::wait_reason reason) {
  report::sync_object o;
  o.what = noun_for(reason);
  o.address = reinterpret_cast<std::uintptr_t>(object);
  o.where = locate(o.address, access_nature::memory);
  if (o.what != "channel") return o;
  const hooks::channel_facts c = hooks::facts_of_channel(object);
  if (c.capacity == 0) o.what = "unbuffered channel";
  else o.what = "channel with " + std::to_string(c.length) + " of " + std::to_string(c.capacity) + " elements";
  if (c.closed) o.what += ", closed,";
  return o;
}

void submit_misuse(report::finding_kind kind, report::misuse m) {
  report::finding f;
  f.kind = kind;
  f.wrong = std::move(m);
  f.program = program_path();
  report::submit(std::move(f));
}

}  // namespace ravel::detector
