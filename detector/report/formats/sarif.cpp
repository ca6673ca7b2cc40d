#include <map>
#include <nlohmann/json.hpp>

#include "detector/report/formats/formats.hpp"
#include "detector/report/formats/paths.hpp"
#include "detector/report/names.hpp"
#include "detector/report/same.hpp"
#include "detector/report/words.hpp"

namespace ravel::detector::report {

namespace {

using json = nlohmann::ordered_json;

class printer {
 public:
  explicit printer(const std::string& root) : root_(root) {}

  std::string print(const report_file& file) {
    json results = json::array();
    for (const finding& f : file.findings) results.push_back(result(f));
    json driver{{"name", "Ravel"}, {"version", RAVEL_VERSION}, {"rules", std::move(rules_)}};
    json run{{"tool", {{"driver", std::move(driver)}}}};
    // Where %SRCROOT% is, only the reader's side knows.
    run["columnKind"] = "utf16CodeUnits";
    run["results"] = std::move(results);
    const json log{{"$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"}, {"version", "2.1.0"}, {"runs", {std::move(run)}}};
    return log.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  }

 private:
  std::uint64_t rule(const finding& f) {
    const std::string id = rule_of(f);
    const auto [at, is_new] = rule_index_.try_emplace(id, rules_.size());
    if (is_new) {
      const std::string what = f.kind == finding_kind::race || f.wrong.id.empty() ? words_of(f.kind) : words_of(f.kind) + ": " + f.wrong.title;
      rules_.push_back({{"id", id}, {"name", name_of(f.kind)}, {"shortDescription", {{"text", what}}}, {"defaultConfiguration", {{"level", "error"}}},
                        {"properties", {{"tags", {"concurrency"}}}}});
    }
    return at->second;
  }

  json physical(const frame& f) const {
    const std::string path = below(root_, f.file);
    json artifact{{"uri", as_uri(path)}};
    if (!path.starts_with('/')) artifact["uriBaseId"] = "%SRCROOT%";
    json region{{"startLine", f.line}};
    if (f.column != 0) region["startColumn"] = f.column;
    return {{"artifactLocation", std::move(artifact)}, {"region", std::move(region)}};
  }

  // Of a frame without source only the function is known.
  json location(const frame& f, const std::string& message) const {
    json o = json::object();
    if (f.line != 0 && !f.file.empty()) o["physicalLocation"] = physical(f);
    if (!f.function.empty()) o["logicalLocations"] = {{{"fullyQualifiedName", f.function}, {"kind", "function"}}};
    if (!message.empty()) o["message"] = {{"text", message}};
    return o;
  }

  json thread_flow(const goroutine& g, const stack& s, const std::string& what, std::uint64_t number) const {
    json steps = json::array();
    const frame* own = own_frame(s);
    for (auto f = s.rbegin(); f != s.rend(); ++f) {
      const bool here = &*f == own;
      steps.push_back({{"location", location(*f, here ? what : f->function)}, {"importance", here ? "essential" : "unimportant"}});
    }
    if (steps.empty()) steps.push_back({{"location", {{"message", {{"text", what}}}}}});
    return {{"id", std::to_string(number) + ": " + title_of(g)}, {"message", {{"text", title_of(g) + ": " + what}}}, {"locations", std::move(steps)}};
  }

  void relate(json& related, const stack& s, const std::string& message) const {
    const frame* own = own_frame(s);
    if (own == nullptr || own->line == 0 || own->file.empty()) return;
    json o = location(*own, message);
    o["id"] = related.size() + 1;
    related.push_back(std::move(o));
  }

  // Equal ones of one file by their order in it.
  std::string fingerprint(const finding& f) {
    const std::string same = fingerprint_of(f);
    return same + ":" + std::to_string(++times_[same]);
  }

  json result(const finding& f) {
    const std::uint64_t index = rule(f);
    json o{{"ruleId", rule_of(f)}, {"ruleIndex", index}, {"level", f.wrong.advice ? "note" : "error"}, {"message", {{"text", message_of(f)}}}};
    json locations = json::array(), related = json::array(), flows = json::array();
    if (const frame* at = place_of(f)) locations.push_back(location(*at, ""));
    if (f.kind == finding_kind::race) {
      const race& r = f.data_race;
      flows = {thread_flow(r.current.by, r.current.at, words_of(r.current), 1), thread_flow(r.previous.by, r.previous.at, "previous " + words_of(r.previous), 2)};
      relate(related, r.previous.at, "previous " + words_of(r.previous) + " by " + title_of(r.previous.by));
      relate(related, r.current.by.created_at, title_of(r.current.by) + " was created here");
      relate(related, r.previous.by.created_at, title_of(r.previous.by) + " was created here");
      relate(related, r.where.allocated_at, "the memory was allocated here");
    } else {
      for (const party& p : f.wrong.parties) {
        flows.push_back(thread_flow(p.who, p.at, p.doing, flows.size() + 1));
        relate(related, p.at, title_of(p.who) + " " + p.doing);
      }
    }
    o["locations"] = std::move(locations);
    if (!related.empty()) o["relatedLocations"] = std::move(related);
    if (!flows.empty()) o["codeFlows"] = {{{"threadFlows", std::move(flows)}}};
    o["partialFingerprints"] = {{"ravelPlaces/v2", fingerprint(f)}};
    if (!f.happened.replay.empty()) o["properties"] = {{"replay", f.happened.replay}};
    return o;
  }

  const std::string& root_;
  json rules_ = json::array();
  std::map<std::string, std::uint64_t> rule_index_, times_;
};

}  // namespace

std::string print_sarif(const report_file& file, const std::string& root) { return printer(root).print(file); }

}  // namespace ravel::detector::report
