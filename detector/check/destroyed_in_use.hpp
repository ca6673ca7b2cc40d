#pragma once
// Locks that go away while somebody holds them (M12), wait_groups that are still counted (W09). Go's cannot: they live as long as somebody
// has them.

#include "detector/race/goroutine_state.hpp"
#include "runtime/hooks/event_sink.hpp"

namespace ravel::detector {

bool is_global(const void* object);  // static, so destroyed at the end of the process
void report_destroyed_in_use(goroutine_state& g, const void* object, hooks::event_sink::used_object what, const void* frame);

}  // namespace ravel::detector
