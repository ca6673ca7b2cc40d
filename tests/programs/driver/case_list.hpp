#pragma once
// The cases of a binary, as it lists them itself.

#include <string>
#include <vector>

namespace programs {

enum class expectation { race, no_race, deadlock, panic, fatal, leak, misuse, advice, no_advice };

struct case_name {
  std::string binary;  // path
  std::string topic;   // its last part: "chan.O2"
  std::string name;
  int line = 0;        // of RAVEL_PROGRAM
  std::string source;  // path
  expectation expected = expectation::no_race;
  std::string id;      // "M03" of misuse_m03_twice: the condition that must be named; "" when the name has none
};

// Throws std::runtime_error when the binary does not list its cases, or one has a name that promises nothing.
std::vector<case_name> cases_of(const std::string& binary);

}  // namespace programs
