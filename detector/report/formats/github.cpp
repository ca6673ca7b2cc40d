#include <algorithm>

#include "detector/report/formats/formats.hpp"
#include "detector/report/formats/paths.hpp"
#include "detector/report/words.hpp"

namespace ravel::detector::report {

namespace {

constexpr std::size_t most_annotations = 10;  // GitHub drops what is beyond, in silence

std::string escaped(const std::string& text, bool property) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '%': out += "%25"; break;
      case '\r': out += "%0D"; break;
      case '\n': out += "%0A"; break;
      case ':': out += property ? "%3A" : ":"; break;
      case ',': out += property ? "%2C" : ","; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace

std::string print_github(const report_file& file, const std::string& root) {
  std::string out;
  const std::size_t shown = std::min(file.findings.size(), most_annotations);
  for (std::size_t i = 0; i < shown; ++i) {
    const finding& f = file.findings[i];
    out += f.wrong.advice ? "::notice " : "::error ";
    if (const frame* at = place_of(f); at != nullptr && at->line != 0) {
      out += "file=" + escaped(below(root, at->file), true) + ",line=" + std::to_string(at->line) + ",";
      if (at->column != 0) out += "col=" + std::to_string(at->column) + ",";
    }
    out += "title=" + escaped("Ravel: " + title_of(f), true) + "::" + escaped(message_of(f), false) + "\n";
  }
  if (const std::size_t rest = file.findings.size() - shown; rest != 0) {
    out += "::notice title=Ravel::" + std::to_string(rest) + " more finding" + (rest == 1 ? " is" : "s are") +
           " not annotated, since GitHub shows ten of a step; they are in the report file\n";
  }
  return out;
}

}  // namespace ravel::detector::report
