#pragma once
// The rare half of an access: everything the memo does not know. See access.cpp for the frequent half.

#include "detector/race/thread_state.hpp"

namespace ravel::detector {

struct access_request {
  std::uintptr_t address;       // first byte accessed, within the granule
  const ravel_site* site;       // null: the runtime or a library, the stack says it all
  std::uint64_t context;        // calling context: of the function with the access, or of the call that led to the runtime
  const void* frame;            // frame pointer to walk from when the context is new
  std::uint32_t size;           // of the whole access, for the report
  byte_mask bytes;
  access_class kind;
  access_nature nature;
  bool block_is_locked;         // by the caller
};

// Records the access; a race found is left in this_thread.pending when the caller holds the block, else reported. Where the caller holds
// it, his recording_guard is older than the lock.
void record_access(const access_request& request);

// Records an access to [address, address + size) that has no site: by the runtime, an annotation, a library function, free.
// `frame`: the caller's frame pointer.
void record_range(std::uintptr_t address, std::size_t size, access_class kind, access_nature nature, const void* frame);

// Sees to this_thread.chores. No block may be locked.
void do_chores();

// What access.cpp calls between values that instrumented code holds in registers. C linkage: called from assembly.
//   ravel_saving_vectors   the function may use any register
//   ravel_saving_general   the function and all it calls use general registers only
extern "C" RAVEL_COLD void ravel_saving_vectors(void (*function)(const void*), const void* argument);
extern "C" RAVEL_COLD void ravel_saving_general(void (*function)(const void*), const void* argument);
// An access_request, the block locked: first, for any register, what ravel_record_prepared needs to know; then the record.
extern "C" void ravel_prepare_record(const void* request);
extern "C" void ravel_record_prepared(const void* request);
extern "C" void ravel_begin_segment(const void* goroutine);  // the running one's; general registers
extern "C" void ravel_do_chores(const void*);

// An access that is a point of a controlled schedule: before it, and when it has been recorded.
struct schedule_point {
  std::uintptr_t address;
  const ravel_site* site;
  const void* frame;
  bool write;
};
extern "C" void ravel_take_schedule_point(const void* schedule_point);
extern "C" void ravel_end_schedule_point(const void*);

[[gnu::always_inline]] inline bool is_prepared(std::uint64_t context) {
  const known_stack& k = known_stack_for(context);
  return this_thread.self != nullptr && k.context == context && k.stack != 0;
}

void choose_vector_saving();  // once at start: what this processor has

}  // namespace ravel::detector
