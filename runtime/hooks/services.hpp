#pragma once
// What the detector may ask of the runtime, the other direction of the seam. The runtime defines these functions.

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

// The detector installs itself once, before main and before any goroutine but the first.
void set_event_sink(event_sink& sink);

}  // namespace ravel::hooks
