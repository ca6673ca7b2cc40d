#include "instrument/driver/installation.hpp"

#include <unistd.h>

#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "flags.hpp"
#include "instrument/driver/command_line.hpp"

namespace ravel::driver {

namespace {

bool exists(const std::string& path) { return ::access(path.c_str(), R_OK) == 0; }

std::string own_prefix() {
  std::array<char, PATH_MAX> path{};
  const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  if (n <= 0) throw rejected{"cannot read /proc/self/exe, by which ravel++ finds its parts: mount /proc"};
  std::string text(path.data(), static_cast<std::size_t>(n));
  for (int up = 0; up < 2; ++up) text.erase(text.rfind('/'));
  return text;
}

// First line of what a program prints.
std::string first_line_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::array<char, 512> line{};
  if (pipe == nullptr || std::fgets(line.data(), line.size(), pipe.get()) == nullptr) return {};
  std::string text = line.data();
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// A plugin works only with the compiler it was made for, and says nothing useful with any other.
void check_version(const std::string& compiler) {
  const std::string line = first_line_of(quoted(compiler) + " --version 2>/dev/null");
  const std::size_t at = line.find("clang version ");
  if (line.empty()) throw rejected{"RAVEL_CXX=" + compiler + " cannot be run: set it to the path of clang++-19, or unset it"};
  if (at == std::string::npos || line.compare(at + 14, 3, "19.") != 0) {
    throw rejected{"RAVEL_CXX=" + compiler + " is '" + line + "', the plugin is for clang 19: set it to the path of clang++-19, or unset it"};
  }
}

}  // namespace

installation find_installation(bool race) {
  installation found;
  found.prefix = own_prefix();
  for (const char* name : {"/lib/ravel/libravel_plugin.so", "/lib/ravel/libravel_safepoints.so", "/lib/ravel/libravel_vet.so",
                           race ? "/lib/libravel_race.a" : "/lib/libravel.a", "/include/ravel/ravel.hpp"}) {
    const std::string part = found.prefix + name;
    if (!exists(part)) throw rejected{part + " is missing: install Ravel again, or build it whole"};
  }
  if (const char* chosen = std::getenv("RAVEL_CXX"); chosen != nullptr && *chosen != '\0') {
    found.compiler = chosen;
    check_version(found.compiler);
  } else {
    found.compiler = default_compiler;
    if (!exists(found.compiler)) throw rejected{found.compiler + " is missing: install it (apt-get install clang-19), or set RAVEL_CXX to the path of clang++-19"};
  }
  return found;
}

}  // namespace ravel::driver
