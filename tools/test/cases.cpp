#include "tools/test/cases.hpp"

#include <fstream>
#include <iterator>
#include <sstream>

#include "tools/test/process.hpp"

namespace ravel::tools {

namespace {

constexpr unsigned listing_timeout = 60;

// By what TEST() registers with and gtest's own option; a script has neither, and must not be run only to be asked.
bool is_google_test(const std::string& program) {
  std::ifstream in(program, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!bytes.starts_with("\177ELF")) return false;
  return bytes.find("_ZN7testing8internal23MakeAndRegisterTestInfo") != std::string::npos || bytes.find("gtest_list_tests") != std::string::npos;
}

std::string without_comment(std::string name) {
  name = name.substr(0, name.find("  #"));
  while (!name.empty() && (name.back() == ' ' || name.back() == '\r')) name.pop_back();
  return name;
}

}  // namespace

test_cases cases_of(const words& command_line) {
  test_cases c;
  c.google_test = is_google_test(command_line[0]);
  if (!c.google_test) {
    std::string all;
    for (const std::string& w : command_line) all += (all.empty() ? "" : " ") + w;
    c.names.push_back(all);
    return c;
  }
  words listing = command_line;
  listing.push_back("--gtest_list_tests");
  const ended said = run_alone({listing, {}}, listing_timeout);
  if (said.status != 0) throw refused(command_line[0] + " --gtest_list_tests ended with status " + std::to_string(said.status) + ": " + said.output);
  std::istringstream lines(said.output);
  std::string suite;
  for (std::string line; std::getline(lines, line);) {
    // "Suite." at the margin, two blanks before a name; other words, as gtest_main's, have a blank within.
    if (line.starts_with("  ")) {
      if (!suite.empty()) c.names.push_back(suite + without_comment(line.substr(2)));
    } else {
      const std::string name = without_comment(line);
      suite = name.ends_with('.') && name.find(' ') == std::string::npos ? name : "";
    }
  }
  return c;
}

}  // namespace ravel::tools
