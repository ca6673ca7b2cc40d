#include "tests/programs/driver/process.hpp"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

extern char** environ;

namespace programs {

namespace {

// Output goes to memory files, not pipes: nothing has to be read while the program runs.
class memory_file {
 public:
  memory_file() : descriptor_(::memfd_create("output", MFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "memfd_create");
  }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;
  ~memory_file() { ::close(descriptor_); }

  int descriptor() const { return descriptor_; }
  std::string contents() const {
    std::string text;
    char part[4096];
    ssize_t n = 0;
    while ((n = ::pread(descriptor_, part, sizeof part, static_cast<off_t>(text.size()))) > 0) text.append(part, static_cast<std::size_t>(n));
    return text;
  }

 private:
  int descriptor_;
};

std::vector<std::string> merged_environment(const std::vector<std::string>& ours) {
  std::vector<std::string> all = ours;
  for (char** e = environ; *e != nullptr; ++e) {
    const std::string name(*e, std::strcspn(*e, "=") + 1);
    bool replaced = false;
    for (const std::string& o : ours) replaced |= o.starts_with(name);
    if (!replaced) all.emplace_back(*e);
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> p;
  for (std::string& w : words) p.push_back(w.data());
  p.push_back(nullptr);
  return p;
}

}  // namespace

std::string outcome::describe_end() const {
  if (signal != 0) return std::string("ended by signal ") + ::strsignal(signal) + (signal == SIGALRM ? " (it hung for 60 s)" : "");
  return "exit status " + std::to_string(status);
}

outcome run_process(const std::string& path, const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  const memory_file out, err;
  std::vector<std::string> words{path};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = merged_environment(environment);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, out.descriptor(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.descriptor(), STDERR_FILENO);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, path.c_str(), &actions, nullptr, pointers(words).data(), pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::system_error(failed, std::generic_category(), path);

  int how = 0;
  while (::waitpid(child, &how, 0) < 0 && errno == EINTR) {}
  outcome o;
  if (WIFEXITED(how)) o.status = WEXITSTATUS(how);
  if (WIFSIGNALED(how)) o.signal = WTERMSIG(how);
  o.out = out.contents();
  o.err = err.contents();
  return o;
}

}  // namespace programs
