#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ravel::detector::report {

// Lines of source files, read once. A file that is not there any more has no lines.
class source_text {
 public:
  // Line `line` (from 1) without its newline and with tabs as one space; "" when there is none.
  std::string line(const std::string& file, std::uint32_t line);

 private:
  std::map<std::string, std::vector<std::string>> files_;
};

}  // namespace ravel::detector::report
