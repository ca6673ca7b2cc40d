#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

#include "tools/doctor/checks.hpp"

namespace ravel::tools {

bool readable(const std::string& path) { return ::access(path.c_str(), R_OK) == 0; }

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string error_in(const std::string& text) {
  std::istringstream lines(text);
  std::string first = "it said nothing";
  bool is_first = true;
  for (std::string line; std::getline(lines, line); is_first = false) {
    if (is_first) first = line;
    // The linker's own words stand before these, without that word.
    if (line.find("error: ") != std::string::npos && line.find("linker command failed") == std::string::npos) return line;
  }
  return first;
}

said ask(const std::string& shell_command) {
  FILE* pipe = ::popen(("{ " + shell_command + "; } 2>&1").c_str(), "r");
  if (pipe == nullptr) return {127, "no shell can be started"};
  said s{0, ""};
  std::array<char, 4096> part{};
  for (std::size_t n; (n = std::fread(part.data(), 1, part.size(), pipe)) != 0;) s.text.append(part.data(), n);
  const int status = ::pclose(pipe);
  s.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return s;
}

}  // namespace ravel::tools
