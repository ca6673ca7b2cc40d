#include "tools/test/process.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace ravel::tools {

namespace {

constexpr off_t kept = 1 << 20;

double now() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

std::string last_of(int file) {
  struct stat s{};
  ::fstat(file, &s);
  const off_t from = s.st_size > kept ? s.st_size - kept : 0;
  std::string text(static_cast<std::size_t>(s.st_size - from), '\0');
  const ssize_t n = ::pread(file, text.data(), text.size(), from);
  text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return text;
}

}  // namespace

void process_pool::start(const job& j, std::size_t name) {
  const int output = ::memfd_create("output", MFD_CLOEXEC);
  int failed[2];
  if (output < 0 || ::pipe2(failed, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "output of a test");
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a key in the terminal reaches only the parent's group
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    // Appending, since the program may open its own standard error again.
    const int end = ::open(("/proc/self/fd/" + std::to_string(output)).c_str(), O_WRONLY | O_APPEND);
    ::dup2(end, STDOUT_FILENO);
    ::dup2(end, STDERR_FILENO);
    for (const auto& [variable, value] : j.environment) ::setenv(variable.c_str(), value.c_str(), 1);
    std::vector<char*> argv;
    for (const std::string& w : j.command_line) argv.push_back(const_cast<char*>(w.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    const int error = errno;
    [[maybe_unused]] const ssize_t told = ::write(failed[1], &error, sizeof error);
    ::_exit(127);
  }
  ::setpgid(pid, pid);
  ::close(failed[1]);
  int error = 0;
  const bool cannot = ::read(failed[0], &error, sizeof error) == sizeof error;
  ::close(failed[0]);
  if (cannot) {
    ::waitpid(pid, nullptr, 0);
    ::close(output);
    throw refused("cannot run " + j.command_line[0] + ": " + std::strerror(error) + "; give the path of a program or command");
  }
  running_.push_back({pid, output, now() + timeout_, name});
}

process_pool::~process_pool() {
  for (const child& c : running_) {
    ::kill(-c.pid, SIGKILL);
    ::waitpid(c.pid, nullptr, 0);
    ::close(c.output);
  }
}

std::pair<std::size_t, ended> process_pool::wait_for_one() {
  for (;;) {
    for (std::size_t i = 0; i < running_.size(); ++i) {
      child& c = running_[i];
      int status = 0;
      const pid_t pid = ::waitpid(c.pid, &status, WNOHANG);
      if (pid == 0 && now() > c.until && !c.expired) {
        c.expired = true;
        ::kill(-c.pid, SIGKILL);
      }
      if (pid != c.pid) continue;
      ::kill(-c.pid, SIGKILL);  // what it left running
      ended how{WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), last_of(c.output)};
      if (c.expired) how.status = -1;
      const std::size_t name = c.name;
      ::close(c.output);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      return {name, std::move(how)};
    }
    const timespec pause{0, 2'000'000};
    ::nanosleep(&pause, nullptr);
  }
}

ended run_alone(const job& j, unsigned timeout) {
  ended result;
  bool given = false;
  process_pool(1, timeout).run(
      [&](job& out, std::size_t&) {
        if (given) return false;
        out = j;
        return given = true;
      },
      [&](std::size_t, ended&& how) { result = std::move(how); });
  return result;
}

}  // namespace ravel::tools
