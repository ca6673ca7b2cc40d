#pragma once
#include <string>
#include <vector>

namespace programs {

struct outcome {
  int status = -1;  // exit status, or -1
  int signal = 0;   // that ended it, or 0
  std::string out;
  std::string err;

  std::string describe_end() const;
};

// Runs a program to its end. `environment`: "NAME=value", in place of inherited variables of the same name. Throws std::system_error.
outcome run_process(const std::string& path, const std::vector<std::string>& arguments, const std::vector<std::string>& environment);

}  // namespace programs
