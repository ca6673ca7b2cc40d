#pragma once
#include <string>

#include "detector/shadow/access_record.hpp"

namespace ravel::detector {

// One sentence for a tired person: what the current goroutine last heard of the other one, and that the access came after that.
// Called on the goroutine that made `current`, at the time of the race.
std::string why_unordered(const access_record& current, const access_record& previous);

}  // namespace ravel::detector
