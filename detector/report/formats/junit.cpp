#include <algorithm>

#include "detector/report/formats/formats.hpp"
#include "detector/report/formats/paths.hpp"
#include "detector/report/formats/xml.hpp"
#include "detector/report/print_text.hpp"
#include "detector/report/words.hpp"

namespace ravel::detector::report {

std::string print_junit(const report_file& file, const std::string& root, source_text& sources) {
  const std::string tests = std::to_string(file.findings.empty() ? 1 : file.findings.size()), failures = std::to_string(std::count_if(file.findings.begin(), file.findings.end(), [](const finding& f) { return !f.wrong.advice; }));
  const std::string counts = " tests=\"" + tests + "\" failures=\"" + failures + "\" errors=\"0\" skipped=\"0\"";
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"Ravel\"" + counts + ">\n  <testsuite name=\"Ravel\"" + counts + ">\n";
  if (file.findings.empty()) out += "    <testcase classname=\"ravel\" name=\"no findings\"/>\n";
  for (const finding& f : file.findings) {
    const frame* at = place_of(f);
    out += "    <testcase classname=\"ravel." + std::string(name_of(f.kind)) + "\" name=\"" + xml_attribute(title_of(f) + (at == nullptr ? "" : " (" + place_of(*at) + ")")) + "\"";
    if (at != nullptr && at->line != 0) out += " file=\"" + xml_attribute(below(root, at->file)) + "\" line=\"" + std::to_string(at->line) + "\"";
    const std::string text = xml_text(print_text(f, {false, true, root.empty() ? "" : root + "/"}, sources));
    if (f.wrong.advice) out += ">\n      <system-out>" + text + "</system-out>\n    </testcase>\n";
    else out += ">\n      <failure type=\"" + xml_attribute(rule_of(f)) + "\" message=\"" + xml_attribute(message_of(f)) + "\">" + text + "</failure>\n    </testcase>\n";
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace ravel::detector::report
