#include <nlohmann/json.hpp>

#include "tools/vet/printers.hpp"

namespace ravel::tools::vet {

std::string print_json(std::span<const finding> findings) {
  using json = nlohmann::ordered_json;
  json list = json::array();
  for (const finding& f : findings) {
    json notes = json::array(), fixes = json::array();
    for (const auto& n : f.notes) {
      notes.push_back({{"file", n.where.file}, {"line", n.where.line}, {"column", n.where.column}, {"message", n.text}});
    }
    for (const auto& r : f.fixes) fixes.push_back({{"file", r.file}, {"offset", r.offset}, {"length", r.length}, {"text", r.text}});
    list.push_back({{"check", f.check}, {"file", f.where.file}, {"line", f.where.line}, {"column", f.where.column},
                    {"message", f.message}, {"notes", notes}, {"fixes", fixes}});
  }
  // A source in another encoding than UTF-8 must not end the tool.
  return json{{"schema", 1}, {"tool", "ravel vet"}, {"findings", list}}.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace ravel::tools::vet
