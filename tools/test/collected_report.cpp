#include "tools/test/collected_report.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "detector/report/print_json.hpp"
#include "tools/ravel/command.hpp"
#include "tools/test/result.hpp"

namespace ravel::tools {

collected_report::collected_report(const std::string& file, const std::string& program)
    : path_(std::filesystem::absolute(file).lexically_normal().string()) {
  if (path_.find('\'') != std::string::npos && path_.find('"') != std::string::npos) {
    throw refused("--report: " + path_ + " has quotes of both kinds in it, and one kind must stand around it; name a file elsewhere");
  }
  // Of a program without the detector this line is all there will be.
  write_whole(path_, detector::report::print_json_of_program(program) + "\n");
}

std::string collected_report::part(std::size_t n) const { return path_ + "." + std::to_string(n) + ".part"; }

std::string collected_report::begin(std::size_t n) const {
  ::unlink(part(n).c_str());
  return part(n);
}

void collected_report::done(std::size_t n, std::size_t before) {
  done_.resize(std::max(done_.size(), n + 1));
  done_[n] = true;
  while (joined_ < std::min(done_.size(), before) && done_[joined_]) join(joined_++);
}

void collected_report::finish() {
  for (std::size_t n = joined_; n < done_.size(); ++n) ::unlink(part(n).c_str());
}

void collected_report::join(std::size_t n) {
  std::ifstream in(part(n), std::ios::binary);
  if (!in) return;  // it wrote none
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!text.empty() && text.back() != '\n') text += '\n';  // killed in the middle of a line
  std::ofstream out(path_, std::ios::binary | std::ios::app);
  out << text;
  out.flush();
  if (!out) throw refused(path_ + ": cannot be written any more; " + part(n) + " is left as it is");
  ::unlink(part(n).c_str());
}

}  // namespace ravel::tools
