#pragma once
// Locks that go away while somebody holds them (M12), wait_groups that are still counted (W09). Go's cannot: they live as long as somebody
// has them.

#include "detector/race/goroutine_state.hpp"
#include "runtime/hooks/event_sink.hpp"

namespace ravel::detector {

bool ends_with_the_process(const goroutine_state& g, const void* object);
void report_destroyed_in_use(goroutine_state& g, const void* object, hooks::event_sink::used_object what, const void* frame);

}  // namespace ravel::detector
