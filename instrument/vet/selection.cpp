#include <algorithm>

#include "instrument/vet/vet.hpp"

namespace ravel::vet {

bool selection::choose(std::string_view list, std::string& unknown) {
  std::set<std::string, std::less<>> only;
  bool names_wanted = false;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    const bool without = name.starts_with('-');
    if (without) name.remove_prefix(1);
    const auto checks = all_checks();
    if (std::none_of(checks.begin(), checks.end(), [&](const check& c) { return name == c.name; })) {
      unknown = name;
      return false;
    }
    if (without) off_.emplace(name);
    else names_wanted = true, only.emplace(name);
  }
  if (names_wanted) {
    for (const check& c : all_checks()) {
      if (only.count(c.name) == 0) off_.emplace(c.name);
    }
  }
  return true;
}

}  // namespace ravel::vet
