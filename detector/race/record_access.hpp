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

// Records the access; a race found is left in this_thread.pending when the caller holds the block, else reported.
void record_access(const access_request& request);

// Records an access to [address, address + size) that has no site: by the runtime, an annotation, a library function, free.
// `frame`: the caller's frame pointer.
void record_range(std::uintptr_t address, std::size_t size, access_class kind, access_nature nature, const void* frame);

// Reports this_thread.pending, if any. No block may be locked.
void report_pending();

// The same two, callable from code that must preserve vector registers: they save and restore them. (C linkage: called from assembly.)
extern "C" void ravel_record_access(const access_request* request);
extern "C" void ravel_report_pending(const void*);
extern "C" RAVEL_COLD void ravel_saving_vectors(void (*function)(const void*), const void* argument);

void choose_vector_saving();  // once at start: what this processor has

}  // namespace ravel::detector
