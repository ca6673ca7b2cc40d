#include <nlohmann/json.hpp>

#include "detector/report/formats/paths.hpp"
#include "tools/vet/printers.hpp"

namespace ravel::tools::vet {

namespace {

using json = nlohmann::ordered_json;

json artifact(const std::string& file, const std::string& folder) {
  const std::string path = detector::report::below(folder, file);
  json o = {{"uri", detector::report::as_uri(path)}};
  if (!path.starts_with('/')) o["uriBaseId"] = "%SRCROOT%";
  return o;
}

json location(const ravel::vet::place& p, const std::string& folder) {
  return {{"physicalLocation", {{"artifactLocation", artifact(p.file, folder)}, {"region", {{"startLine", p.line}, {"startColumn", p.column}}}}}};
}

}  // namespace

std::string print_sarif(std::span<const finding> findings, std::span<const rule> rules, const std::string& folder) {
  json described = json::array();
  for (const rule& r : rules) described.push_back({{"id", r.name}, {"shortDescription", {{"text", r.sentence}}}});
  json results = json::array();
  for (const finding& f : findings) {
    json result = {{"ruleId", f.check}, {"level", "warning"}, {"message", {{"text", f.message}}}, {"locations", json::array({location(f.where, folder)})}};
    json related = json::array();
    for (const auto& n : f.notes) {
      json l = location(n.where, folder);
      l["message"] = {{"text", n.text}};
      related.push_back(std::move(l));
    }
    if (!related.empty()) result["relatedLocations"] = std::move(related);
    results.push_back(std::move(result));
  }
  // %SRCROOT% is where the tool was called.
  const json run = {{"tool", {{"driver", {{"name", "ravel vet"}, {"rules", described}}}}},
                    {"originalUriBaseIds", {{"%SRCROOT%", {{"uri", detector::report::as_uri(folder + "/")}}}}},
                    {"results", results}};
  return json{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", json::array({run})}}
             .dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace ravel::tools::vet
