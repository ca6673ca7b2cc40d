#pragma once
#include <string>

#include "detector/report/report.hpp"
#include "detector/shadow/access_record.hpp"

namespace ravel::detector {

struct reason {
  std::string sentence;
  report::known_order last_known;
};

// One sentence for a tired person: what the current goroutine last heard of the other one, and that the access came after that.
// Called on the goroutine that made `current`, at the time of the race.
reason why_unordered(const access_record& current, const access_record& previous);

}  // namespace ravel::detector
