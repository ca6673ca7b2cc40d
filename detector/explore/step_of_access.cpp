#include "detector/explore/step_of_access.hpp"

#include <algorithm>
#include <set>

#include "detector/report/names.hpp"

namespace ravel::detector::explore {

namespace {

bool locks(const std::string& operation) { return operation.ends_with("_lock") || operation.ends_with("_rlock"); }
bool unlocks(const std::string& operation) { return operation.ends_with("_unlock") || operation.ends_with("_runlock"); }

// In another function nothing is known, as in a line that is not.
bool is_past(const report::frame& step, const report::frame* access) {
  return access != nullptr && step.line != 0 && step.function == access->function && step.file == access->file && step.line > access->line;
}

}  // namespace

std::size_t step_of_access(const report::schedule& h, const report::access& a, std::size_t before) {
  const report::frame* place = report::own_frame(a.at);
  std::set<std::uint64_t> wanted;
  for (const report::held_lock& l : a.locks) wanted.insert(l.address);
  std::multiset<std::uint64_t> held;
  std::size_t last = 0, with_locks = 0, before_it = 0;
  for (std::size_t i = 0; i < std::min(before, h.steps.size()); ++i) {
    const report::schedule_step& s = h.steps[i];
    if (s.is != report::schedule_step::type::step || h.goroutines[s.goroutine - 1].id != a.by.id) continue;
    last = i + 1;
    if (s.objects.size() == 1) {
      const std::uint64_t object = h.objects[s.objects[0] - 1].address;
      // A try may have failed: what it took counts for nothing, and what is given back without having been taken neither.
      if (locks(s.operation) && s.operation.find("_try_") == std::string::npos) held.insert(object);
      if (const auto at = held.find(object); unlocks(s.operation) && at != held.end()) held.erase(at);
    }
    if (!std::equal(held.begin(), held.end(), wanted.begin(), wanted.end())) continue;
    with_locks = i + 1;
    if (!is_past(s.at, place)) before_it = i + 1;
  }
  return before_it != 0 ? before_it : with_locks != 0 ? with_locks : last;
}

}  // namespace ravel::detector::explore
