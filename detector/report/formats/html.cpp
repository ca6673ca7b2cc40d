#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "detector/report/formats/formats.hpp"
#include "detector/report/formats/known_order.hpp"
#include "detector/report/formats/paths.hpp"
#include "detector/report/names.hpp"
#include "detector/report/print_json.hpp"
#include "detector/report/print_text.hpp"
#include "detector/report/words.hpp"

namespace ravel::detector::report {

extern const char* const page_html;    // page/, put into the library by CMake
extern const char* const page_style;
extern const char* const page_script;

namespace {

using nlohmann::json;

constexpr std::uint32_t lines_around = 5;  // page.js shows as many

void put(std::string& page, const std::string& mark, const std::string& text) { page.replace(page.find(mark), mark.size(), text); }

// The page's data stand in a script element: a name that holds "</script" must not end it.
std::string inside_script(std::string text) {
  for (std::size_t at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) text.replace(at, 1, "\\u003c");
  return text;
}

class collected_sources {
 public:
  explicit collected_sources(source_text& from) : from_(from) {}
  void add(const stack& s) {
    const frame* own = own_frame(s);
    if (own == nullptr || own->line == 0) return;
    for (std::uint32_t n = own->line > lines_around ? own->line - lines_around : 1; n <= own->line + lines_around; ++n) {
      lines_[own->file][n] = from_.line(own->file, n);
    }
  }
  // Lines after a file's last are left out, and files that are not there.
  json as_json() const {
    json all = json::object();
    for (const auto& [file, lines] : lines_) {
      if (std::all_of(lines.begin(), lines.end(), [](const auto& l) { return l.second.empty(); })) continue;
      std::uint32_t last = 0;
      for (const auto& [n, text] : lines) last = text.empty() ? last : n;
      for (const auto& [n, text] : lines) {
        if (n <= last) all[file][std::to_string(n)] = text;
      }
    }
    return all;
  }

 private:
  source_text& from_;
  std::map<std::string, std::map<std::uint32_t, std::string>> lines_;
};

}  // namespace

std::string print_html(const report_file& file, const std::string& root, source_text& sources) {
  collected_sources shown(sources);
  json words = json::array();
  std::string findings, explorations;
  for (finding f : file.findings) {
    const bool controlled = !f.happened.steps.empty();
    if (!controlled) f.happened = known_order_of(f);
    findings += (findings.empty() ? "" : ",") + print_json(f);
    words.push_back({{"controlled", controlled},
                     {"kind", words_of(f.kind) + (f.kind == finding_kind::race || f.wrong.id.empty() ? "" : " " + f.wrong.id)},
                     {"title", f.kind == finding_kind::race ? title_of(f) : f.wrong.title},
                     {"message", message_of(f)},
                     {"text", print_text(f, {false, true, root.empty() ? "" : root + "/"}, sources)}});
    shown.add(f.data_race.current.at);
    shown.add(f.data_race.previous.at);
    for (const party& p : f.wrong.parties) shown.add(p.at);
  }
  for (const exploration& e : file.explorations) explorations += (explorations.empty() ? "" : ",") + print_json(e);
  const auto dumped = [](const json& o) { return o.dump(-1, ' ', false, json::error_handler_t::replace); };
  std::string page = page_html;
  put(page, "@STYLE@", page_style);
  put(page, "@SCRIPT@", page_script);
  put(page, "@DATA@", inside_script("{\"programs\":" + dumped(file.programs) + ",\"findings\":[" + findings + "],\"words\":" + dumped(words) + ",\"explorations\":[" +
                                    explorations + "],\"sources\":" + dumped(shown.as_json()) + "}"));
  return page;
}

}  // namespace ravel::detector::report
