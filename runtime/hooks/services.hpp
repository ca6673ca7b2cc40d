#pragma once
// What the detector may ask of the runtime, the other direction of the seam. The runtime defines these functions.

#include <cstddef>
#include <cstdint>

#include "event_sink.hpp"

namespace ravel::hooks {

// One source frame of a program counter. Strings live as long as the process.
struct source_frame {
  const char* function;  // demangled; "" when unknown
  const char* file;      // "" when unknown
  int line;              // 0 when unknown
};

// The goroutine that runs on this thread; a thread the runtime does not know is adopted as a goroutine of its own. Never null.
goroutine_view& current_goroutine();

// The same without adoption: null on a thread the runtime does not know.
goroutine_view* current_goroutine_if_any();

// Calls emit for each source frame at `pc`, innermost inlined function first, at least once. `pc` of a caller is its return address
// minus 1. Thread-safe; may allocate; not for signal handlers.
void symbolize(std::uintptr_t pc, void* context, void (*emit)(void* context, const source_frame& frame));

// A variable with static storage.
struct data_symbol {
  const char* name;  // demangled; lives as long as the process
  std::uintptr_t start;
  std::size_t size;
};

// The global or static variable that holds `address`; false when there is none by name. Thread-safe; may allocate.
bool symbolize_data(std::uintptr_t address, data_symbol& symbol);

// The frame pointer of a goroutine that is parked or waits for its turn, for a walk over its stack; 0 when it runs, or is a foreign
// thread's. It may go on meanwhile: what is read of its stack is of some moment just past.
std::uintptr_t parked_frame_pointer(const goroutine_view& g) noexcept;

// A goroutine as it is at a moment at which it does not run.
enum class activity : std::uint8_t { running, runnable, waiting };
struct goroutine_snapshot {
  goroutine_view* view;
  activity state;
  const void* const* objects;    // what it waits for: channels of a select, else one; of sleep and I/O none
  std::size_t object_count;
  std::uintptr_t stack_pointer;  // the lowest address of its stack in use; 0: unknown
  const void* record;            // the runtime's own notes of it, which name the function it runs
  std::size_t record_size;
};

// Every goroutine. Only where none can begin to run: in quiet_moment, all_asleep and main_returned.
void visit_snapshots(void* context, void (*visit)(void* context, const goroutine_snapshot& g));

// The memory that goroutines' stacks lie in, used or not.
void visit_stack_memory(void* context, void (*visit)(void* context, std::uintptr_t low, std::uintptr_t high));

// The timers that are still to fire: whoever has what they lead to may be woken by them. Where visit_snapshots may be called.
void visit_pending_timers(void* context, void (*visit)(void* context, const void* timer));

// What park is told of a goroutine that waits for several objects.
struct waited_objects {
  const void* const* first;
  std::size_t count;
};

// Channels, for reports and checks. Any thread, while the channel cannot go away.
struct channel_facts {
  std::size_t length, capacity;
  bool closed;
  bool has_senders;  // somebody has a handle with which to send or close, whether he ever will or not; false for ever then
};
channel_facts facts_of_channel(const void* core) noexcept;

// The detector installs itself once, before main and before any goroutine but the first.
void set_event_sink(event_sink& sink);

}  // namespace ravel::hooks
