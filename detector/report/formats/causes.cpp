#include "detector/report/formats/causes.hpp"

#include <algorithm>
#include <utility>

#include "detector/report/formats/formats.hpp"
#include "detector/report/formats/known_order.hpp"
#include "detector/report/words.hpp"

namespace ravel::detector::report {

namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

struct touched {
  std::size_t written = none;      // the last step that wrote
  std::vector<std::size_t> others; // that touched it since
};

}  // namespace

std::vector<cause> causes_of(const schedule& h) {
  std::vector<cause> all;
  std::vector<std::size_t> last(h.goroutines.size() + 1, none);
  std::vector<std::pair<std::size_t, const char*>> pending(h.goroutines.size() + 1, {none, ""});  // what let it go on
  std::vector<touched> objects(h.objects.size() + 1);
  for (std::size_t i = 0; i < h.steps.size(); ++i) {
    const schedule_step& s = h.steps[i];
    const auto comes_after = [&](std::size_t from, const char* why) {
      if (from != none && h.steps[from].goroutine != s.goroutine) all.push_back({from, i, why});
    };
    switch (s.is) {
      case schedule_step::type::choice: break;
      case schedule_step::type::created:
      case schedule_step::type::woken:
        if (s.other != 0 && s.other != s.goroutine) pending[s.goroutine] = {last[s.other], s.is == schedule_step::type::created ? "starts" : "wakes"};
        break;
      case schedule_step::type::step:
        comes_after(pending[s.goroutine].first, pending[s.goroutine].second);
        pending[s.goroutine] = {none, ""};
        for (const std::uint32_t o : s.objects) {
          touched& t = objects[o];
          if (!s.writes || t.others.empty()) comes_after(t.written, "same object");
          if (!s.writes) {
            t.others.push_back(i);
            continue;
          }
          for (const std::size_t from : t.others) comes_after(from, "same object");
          t.others.clear();
          t.written = i;
        }
        last[s.goroutine] = i;
    }
  }
  return all;
}

std::string says(const schedule& h, const schedule_step& s) {
  std::string text = s.is == schedule_step::type::step ? s.operation : name_of(s.is);
  for (const std::uint32_t o : s.objects) {
    const std::string& kind = h.objects[o - 1].kind;
    const auto nth = std::count_if(h.objects.begin(), h.objects.begin() + o, [&](const schedule_object& other) { return other.kind == kind; });
    text += " " + kind + " " + std::to_string(nth);
  }
  return text;
}

schedule first_schedule(const report_file& file) {
  for (const finding& f : file.findings) {
    if (!f.happened.steps.empty()) return f.happened;
  }
  if (file.findings.empty()) throw not_in_report("there is no finding in it, so there is no run to draw");
  return known_order_of(file.findings[0]);
}

}  // namespace ravel::detector::report
