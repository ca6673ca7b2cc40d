#include "instrument/driver/run.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

extern char** environ;

namespace ravel::driver {

int run(const std::vector<std::string>& words, bool silently) {
  std::vector<char*> arguments;
  for (const std::string& w : words) arguments.push_back(const_cast<char*>(w.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (silently) {
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) ::posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0);
  }
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), words[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string find_mixed_object(const std::vector<std::string>& files, bool race) {
  // Symbols that an object of the other variant refers to: the link marker of <ravel/detail/config.hpp>, or the detector. With their
  // terminator, so that a text that only speaks of them is no match.
  const std::string marker = "ravel_link_error__object_was_compiled_";
  const std::string plain_symbol = marker + "without_race__recompile_it_with_ravelxx_race" + '\0';
  const std::string race_symbol = marker + "with_race__link_with_ravelxx_race_and_recompile_all_objects_so" + '\0';
  const std::string detector_symbol = std::string("__ravel_context") + '\0';
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (!bytes.starts_with("\177ELF") && !bytes.starts_with("!<arch>\n")) continue;
    const auto has = [&](const std::string& symbol) { return bytes.find(symbol) != std::string::npos; };
    if (race && has(plain_symbol)) return file + " was compiled without -race and this is a -race program: recompile it with ravel++ -race";
    if (!race && (has(race_symbol) || has(detector_symbol))) {
      return file + " was compiled with -race and this is not a -race program: link with ravel++ -race, or recompile it without";
    }
  }
  return {};
}

}  // namespace ravel::driver
