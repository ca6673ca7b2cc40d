#include "tests/programs/driver/case_list.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>

#include "tests/programs/driver/process.hpp"

namespace programs {

namespace {

expectation expected_of(const std::string& name) {
  if (name.starts_with("race_")) return expectation::race;
  if (name.starts_with("norace_")) return expectation::no_race;
  if (name.starts_with("deadlock_")) return expectation::deadlock;
  if (name.starts_with("panic_")) return expectation::panic;
  if (name.starts_with("fatal_")) return expectation::fatal;
  if (name.starts_with("leak_")) return expectation::leak;
  if (name.starts_with("misuse_")) return expectation::misuse;
  if (name.starts_with("advice_")) return expectation::advice;
  if (name.starts_with("noadvice_")) return expectation::no_advice;
  if (name.starts_with("ok_")) return expectation::no_race;
  throw std::runtime_error(name + ": a case begins with race_, norace_, deadlock_, panic_, fatal_, leak_, misuse_, advice_, noadvice_ or ok_");
}

// The second word of a name when it is a letter and two digits.
std::string id_in(const std::string& name) {
  const std::size_t begin = name.find('_') + 1;
  const std::string word = name.substr(begin, name.find('_', begin) - begin);
  if (word.size() != 3 || std::isalpha(word[0]) == 0 || std::isdigit(word[1]) == 0 || std::isdigit(word[2]) == 0) return "";
  return static_cast<char>(std::toupper(word[0])) + word.substr(1);
}

}  // namespace

std::vector<case_name> cases_of(const std::string& binary) {
  const outcome listed = run_process(binary, {}, {});
  if (listed.status != 0) throw std::runtime_error(binary + ": cannot list its cases: " + listed.describe_end() + "\n" + listed.err);
  std::vector<case_name> cases;
  std::istringstream lines(listed.out);
  for (std::string line; std::getline(lines, line);) {
    case_name c;
    c.binary = binary;
    c.topic = binary.substr(binary.rfind('/') + 1);
    std::string number;
    std::istringstream words(line);
    std::getline(words, c.name, '\t');
    std::getline(words, number, '\t');
    std::getline(words, c.source, '\t');
    c.line = std::stoi(number);
    c.expected = expected_of(c.name);
    if (c.expected != expectation::no_race && c.expected != expectation::no_advice) c.id = id_in(c.name);
    cases.push_back(c);
  }
  std::sort(cases.begin(), cases.end(), [](const case_name& a, const case_name& b) { return a.line < b.line; });
  if (cases.empty()) throw std::runtime_error(binary + ": has no cases");
  return cases;
}

}  // namespace programs
