#include "detector/report/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ravel::detector::report {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

int report_descriptor(const std::string& log_path) {
  if (log_path == "stderr") return STDERR_FILENO;
  if (log_path == "stdout") return STDOUT_FILENO;
  static int file = -1;
  static int of_process = 0;
  if (file >= 0 && of_process == ::getpid()) return file;  // a forked child writes a file of its own
  const std::string path = log_path + "." + std::to_string(::getpid());
  file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) {
    write_all(STDERR_FILENO, "ravel: RAVEL_OPTIONS: log_path: cannot write " + path + ": " + std::strerror(errno) + "; reports go to stderr\n");
    file = ::dup(STDERR_FILENO);
  }
  of_process = ::getpid();
  return file;
}

// A process that was killed may have left half a line: the next one must not be joined to it.
int open_to_append(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return -1;
  const off_t end = ::lseek(file, 0, SEEK_END);
  char last = '\n';
  if (end > 0 && ::pread(file, &last, 1, end - 1) == 1 && last != '\n') write_all(file, "\n");
  return file;
}

}  // namespace ravel::detector::report
