#include <nlohmann/json.hpp>

#include "detector/report/formats/causes.hpp"
#include "detector/report/formats/formats.hpp"
#include "detector/report/words.hpp"

namespace ravel::detector::report {

// The format: Google, "Trace Event Format". A goroutine is a thread; a step lasts until the next one, since only one goroutine runs at a time.
// Arrows are flow events, which bind to the slice that their time lies in.
std::string print_perfetto(const report_file& file) {
  using json = nlohmann::ordered_json;
  const schedule h = first_schedule(file);
  json events = json::array();
  for (std::size_t i = 0; i < h.goroutines.size(); ++i) {
    events.push_back({{"ph", "M"}, {"name", "thread_name"}, {"pid", 1}, {"tid", i + 1}, {"args", {{"name", title_of(h.goroutines[i])}}}});
    events.push_back({{"ph", "M"}, {"name", "thread_sort_index"}, {"pid", 1}, {"tid", i + 1}, {"args", {{"sort_index", i}}}});
  }
  for (std::size_t i = 0; i < h.steps.size(); ++i) {
    const schedule_step& s = h.steps[i];
    json args = json::object();
    if (s.at.line != 0) args["at"] = place_of(s.at) + " " + s.at.function;
    if (s.length >= 0) args["elements in the channel before"] = s.length;
    if (s.is == schedule_step::type::choice) args["choice"] = std::to_string(s.value) + " of " + std::to_string(s.of);
    if (i + 1 == h.current_at || i + 1 == h.previous_at) args["data race"] = "one of the two accesses comes after this step";
    const bool lasts = s.is == schedule_step::type::step;
    json o{{"ph", lasts ? "X" : "i"}, {"name", says(h, s)}, {"cat", name_of(s.is)}, {"ts", i}, {"pid", 1}, {"tid", s.goroutine}};
    if (lasts) o["dur"] = 1;
    else o["s"] = "t";
    o["args"] = std::move(args);
    events.push_back(std::move(o));
  }
  std::uint64_t id = 0;
  for (const cause& c : causes_of(h)) {
    ++id;
    const auto flow = [&](const char* phase, std::size_t step) {
      return json{{"ph", phase}, {"name", c.why}, {"cat", "order"}, {"id", id}, {"ts", step}, {"pid", 1}, {"tid", h.steps[step].goroutine}, {"bp", "e"}};
    };
    events.push_back(flow("s", c.from));
    events.push_back(flow("f", c.to));
  }
  const json o{{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events)}};
  return o.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace ravel::detector::report
