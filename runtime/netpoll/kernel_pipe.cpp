#include "runtime/netpoll/kernel_pipe.hpp"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <mutex>

#include "runtime/hooks/hooks.hpp"
#include "runtime/sched/futex.hpp"

namespace ravel::netpoll {

namespace {
constexpr int most_kept = 16;
constexpr int wanted_size = 1 << 20;  // what an ordinary user may have (fs.pipe-max-size)
}  // namespace

class kept_pipes {
 public:
  bool take(kernel_pipe::ends& p) {
    const std::lock_guard hold(lock_);
    if (count_ == 0) return false;
    p = kept_[--count_];
    return true;
  }
  bool keep(const kernel_pipe::ends& p) {
    const std::lock_guard hold(lock_);
    if (count_ == most_kept) return false;
    kept_[count_++] = p;
    return true;
  }

 private:
  sched::os_lock lock_;
  kernel_pipe::ends kept_[most_kept];
  int count_ = 0;
};

namespace {
constinit kept_pipes kept;
}

kernel_pipe::kernel_pipe(std::error_code& error) {
  error.clear();
  if (kept.take(ends_)) return;
  const hooks::own_use ours;
  int both[2];
  if (::pipe2(both, O_CLOEXEC | O_NONBLOCK) != 0) {
    error = {errno, std::system_category()};
    return;
  }
  ends_ = {both[0], both[1]};
  ::fcntl(ends_.writing, F_SETPIPE_SZ, wanted_size);  // else the default, 64 KiB
}

kernel_pipe::~kernel_pipe() {
  if (ends_.reading < 0 || (held_ == 0 && kept.keep(ends_))) return;
  const hooks::own_use ours;
  ::close(ends_.reading);
  ::close(ends_.writing);
}

}  // namespace ravel::netpoll
