#pragma once
// Goroutines and objects in the words of a report.

#include <string>

#include "detector/race/goroutine_state.hpp"
#include "detector/report/report.hpp"
#include "runtime/hooks/services.hpp"

namespace ravel::detector {

bool is_main(const goroutine_state& g);                   // and not the body of a controlled run, which is goroutine 1 too
std::uintptr_t stack_end(const goroutine_state& g);       // the upper end of its stack
std::string name_of_goroutine(const goroutine_state& g);  // "goroutine 7 (worker)"
std::string hex_address(const void* p);

// The stack of one that is parked, or of the running one from this call on.
stack_id present_stack(const goroutine_state& g);

report::party party_of(const goroutine_state& g, std::string doing, stack_id at, lock_set_id locks);

// "channel without a buffer", "mutex"...: what a goroutine that waits for such a reason waits for, with its creation or place.
report::sync_object object_of(const void* object, hooks::wait_reason reason);
bool is_made_by(const void* object, const char* function);  // a heap block, allocated somewhere inside the runtime's function of that name
const char* noun_for(hooks::wait_reason reason);  // "channel", "mutex", "wait_group", ...

void submit_misuse(report::finding_kind kind, report::misuse m);

}  // namespace ravel::detector
