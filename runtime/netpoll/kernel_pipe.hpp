#pragma once
// A pipe of the kernel's through which splice moves bytes between sockets. Empty pipes are kept for the next: one costs five system calls.

#include <cstddef>
#include <system_error>

namespace ravel::netpoll {

class kernel_pipe {
 public:
  explicit kernel_pipe(std::error_code& error);
  ~kernel_pipe();
  kernel_pipe(const kernel_pipe&) = delete;
  kernel_pipe& operator=(const kernel_pipe&) = delete;

  int reading_end() const noexcept { return ends_.reading; }
  int writing_end() const noexcept { return ends_.writing; }
  void holds(std::size_t n) noexcept { held_ = n; }  // bytes in it: only an empty one may be used again

 private:
  friend class kept_pipes;
  struct ends {
    int reading = -1, writing = -1;
  };
  ends ends_;
  std::size_t held_ = 0;
};

}  // namespace ravel::netpoll
