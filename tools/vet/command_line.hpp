#pragma once
// What `ravel vet` is asked for.

#include <stdexcept>
#include <string>
#include <vector>

namespace ravel::tools::vet {

enum class format : unsigned char { text, json, sarif };

struct command_line {
  bool help = false;
  bool list = false;
  bool fix = false;
  format as = format::text;
  std::string checks;              // as of selection::choose
  std::string output;              // a file; empty: stdout
  std::string build;               // the folder of compile_commands.json; empty: none given
  bool has_flags = false;          // -- was there
  std::vector<std::string> flags;  // after --
  std::vector<std::string> files;
};

// Bad use: one line on stderr, exit status 2.
struct refused : std::runtime_error {
  using runtime_error::runtime_error;
};

command_line parse(const std::vector<std::string>& words);

extern const char* const help_text;

}  // namespace ravel::tools::vet
