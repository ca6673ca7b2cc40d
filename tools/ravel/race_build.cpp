#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tools/ravel/command.hpp"

namespace ravel::tools {

namespace {

// Words that every program has in it which is linked with the detector, stripped or not: those of RAVEL_OPTIONS=help=1.
constexpr std::string_view words_of_detector = "=\"name=value ...\" for programs compiled with -race:";
constexpr std::string_view begin_of_program = "\177ELF";

std::string found_in_path(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path != nullptr ? path : ""; !rest.empty();) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    std::string file = std::string(rest.substr(0, end)) + "/" + program;
    if (::access(file.c_str(), X_OK) == 0) return file;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return program;
}

}  // namespace

void check_race_build(const std::string& program) {
  const int file = ::open(found_in_path(program).c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about{};
  if (file < 0) return;  // whoever runs it says why it cannot be
  bool known = true;
  if (::fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0) {
    const auto size = static_cast<std::size_t>(about.st_size);
    if (void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0); at != MAP_FAILED) {
      const std::string_view text(static_cast<const char*>(at), size);
      known = !text.starts_with(begin_of_program) || ::memmem(at, size, words_of_detector.data(), words_of_detector.size()) != nullptr;
      ::munmap(at, size);
    }
  }
  ::close(file);
  if (!known) throw refused(program + " was not built with -race, so its schedules cannot be controlled; build it with ravel++ -race");
}

}  // namespace ravel::tools
