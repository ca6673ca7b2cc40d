// run_case PROGRAM CASE: runs it and judges by the name of the case. Exit status 0: as it should be; 1: not, with what the program said.
//   norace_*  ends with 0 and says nothing on stderr
//   race_*    ends with 66 and a report in which both accesses have a stack with a line of the case's source

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

namespace {

struct outcome { int status; std::string errors; };

outcome run(const char* program, const char* name) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    ::execl(program, program, name, nullptr);
    std::perror(program);
    ::_exit(127);
  }
  ::close(ends[1]);
  outcome o{};
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) o.errors.append(buffer, static_cast<std::size_t>(n));
  int status = 0;
  if (::waitpid(child, &status, 0) < 0) throw std::system_error(errno, std::generic_category(), "waitpid");
  o.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return o;
}

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t start = text.find(from);
  if (start == text.npos) return "";
  return text.substr(start, text.find(to, start) - start);
}

bool is_reported(const std::string& errors) {
  const std::string source = "/tests/threads/";
  const std::string current = between(errors, "WARNING: DATA RACE", "Previous "), previous = between(errors, "\nPrevious ", "\nLocation");
  return current.find(source) != current.npos && previous.find(source) != previous.npos;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::fprintf(stderr, "usage: run_case PROGRAM CASE\n");
    return 2;
  }
  const std::string name = argv[2];
  const outcome o = run(argv[1], argv[2]);
  const bool races = name.rfind("race_", 0) == 0;
  if (races ? o.status == 66 && is_reported(o.errors) : o.status == 0 && o.errors.empty()) return 0;
  std::printf("%s ended with status %d; expected %s. It said:\n%s\n", name.c_str(), o.status,
              races ? "66 and a report with two stacks" : "0 and silence", o.errors.c_str());
  return 1;
} catch (const std::system_error& e) {
  std::fprintf(stderr, "run_case: %s\n", e.what());
  return 2;
}
