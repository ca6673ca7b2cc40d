#include <unistd.h>

#include <cerrno>
#include <cstdlib>
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

bool take_setting(words& arguments, const std::string& name, const char* variable) {
  if (arguments.empty()) return false;
  const std::string first = arguments.front();
  if (first.rfind(name + "=", 0) == 0) {
    ::setenv(variable, first.c_str() + name.size() + 1, 1);
    arguments.erase(arguments.begin());
    return true;
  }
  if (first != name) return false;
  if (arguments.size() < 2) throw refused(name + " needs a value");
  ::setenv(variable, arguments[1].c_str(), 1);
  arguments.erase(arguments.begin(), arguments.begin() + 2);
  return true;
}

}  // namespace ravel::tools
