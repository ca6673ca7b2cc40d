#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "detector/report/formats/causes.hpp"
#include "detector/report/formats/formats.hpp"
#include "detector/report/words.hpp"

namespace ravel::detector::report {

// ShiViz' own default form, two lines an event: "HOST {"HOST":1,...}", then what happened. Every entry of a clock is of a host that has an
// event with that time, as ShiViz demands: causes lead from step to step only.
std::string print_shiviz(const report_file& file) {
  const schedule h = first_schedule(file);
  std::vector<std::vector<std::size_t>> before(h.steps.size());
  for (const cause& c : causes_of(h)) before[c.to].push_back(c.from);
  using clock = std::map<std::string, std::uint64_t>;
  std::vector<clock> at(h.steps.size()), of(h.goroutines.size() + 1);
  std::string out;
  for (std::size_t i = 0; i < h.steps.size(); ++i) {
    const schedule_step& s = h.steps[i];
    if (s.is != schedule_step::type::step) continue;
    const goroutine& g = h.goroutines[s.goroutine - 1];
    std::string host = "goroutine-" + std::to_string(g.id);
    if (!g.name.empty()) host += "-";
    for (const char c : g.name) host += c == '{' || static_cast<unsigned char>(c) <= ' ' ? '_' : c;
    clock& mine = of[s.goroutine];
    for (const std::size_t from : before[i]) {
      for (const auto& [name, time] : at[from]) mine[name] = std::max(mine[name], time);
    }
    ++mine[host];
    at[i] = mine;
    out += host + " " + nlohmann::json(mine).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    const std::size_t begins = out.size();
    out += says(h, s);
    if (s.at.line != 0) out += " at " + place_of(s.at);
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(begins), out.end(), '\n', ' ');  // an event is a line
    out += "\n";
  }
  return out;
}

}  // namespace ravel::detector::report
