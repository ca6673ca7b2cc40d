#pragma once
// What ravel++ must know of a clang++ command line: no more than decides which flags to add, and whether it can work at all.

#include <string>
#include <vector>

namespace ravel::driver {

struct command_line {
  std::vector<std::string> passed_on;  // everything that is clang's
  std::vector<std::string> inputs;     // files, in order
  bool race = false;
  bool help = false;
  bool version = false;
  bool links = true;                   // neither -c, -S, -E, -fsyntax-only nor a question like -print-search-dirs
  bool shared = false;                 // -shared: the program that loads it brings Ravel
  bool names_standard = false;         // -std=
  bool names_debug_level = false;      // -g...
  bool names_other_language = false;   // -x c and the like
  bool vet = true;                     // false: -Wno-ravel
  std::vector<std::string> vet_words;  // for the plugin of the checks: "-CHECK" off, "error"
};

struct rejected {
  std::string reason;  // one line, with the remedy
};

// Throws rejected for what Ravel cannot build, and for input files that do not exist.
command_line parse(int argc, char** argv);

}  // namespace ravel::driver
