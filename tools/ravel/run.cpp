#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tools/ravel/command.hpp"

namespace ravel::tools {

void become(const words& command_line) {
  std::vector<char*> argv;
  for (const std::string& w : command_line) argv.push_back(const_cast<char*>(w.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  throw refused("cannot run " + command_line[0] + ": " + std::strerror(errno) + "; give the path of a program built with ravel++ -race");
}

}  // namespace ravel::tools
