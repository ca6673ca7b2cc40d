// Files by blocking calls: for files on disks epoll says nothing, they are always "ready".

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

#include "runtime/include/ravel/go.hpp"
#include "runtime/include/ravel/io.hpp"
#include "runtime/include/ravel/sync.hpp"
#include "runtime/io/kernel_copy.hpp"
#include "runtime/io/throwing.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace io {

using detail_of_io::or_throw;

// Closed by close() or with the last handle. As with a socket's descriptor, `uses` counts the calls inside, and one until close: the last to let
// go closes the number, which until then no other file can be given. So close waits for nobody, also not for a read that waits for ever.
struct file::shared {
  const int number;
  const std::string name;
  const bool standard;
  mutex reading, writing;
  std::atomic<std::uint32_t> uses{1};

  static constexpr std::uint32_t closing = std::uint32_t{1} << 31;

  shared(int d, std::string n) : number(d), name(std::move(n)), standard(d >= 0 && d <= 2) {
    if (d < 0) uses.store(closing, std::memory_order_relaxed);
  }
  ~shared() {
    if (is_open() && !standard) ::close(number);
  }
  bool is_open() const noexcept { return (uses.load(std::memory_order_relaxed) & closing) == 0; }
  bool begin_use() noexcept {  // false: closed
    std::uint32_t n = uses.load(std::memory_order_relaxed);
    do {
      if ((n & closing) != 0) return false;
    } while (!uses.compare_exchange_weak(n, n + 1, std::memory_order_acq_rel, std::memory_order_relaxed));
    return true;
  }
  bool end_use() noexcept { return uses.fetch_sub(1, std::memory_order_acq_rel) == (closing | 1); }  // true: close the number
};

namespace {

std::error_code last_error() { return {errno, std::system_category()}; }

// A write to a pipe nobody reads is an error like any other, except for standard output and error, as in Go: `prog | head` ends quietly.
class no_sigpipe {
 public:
  explicit no_sigpipe(bool on) {
    sigset_t pipe, pending;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    if (!on || ::sigpending(&pending) != 0 || ::sigismember(&pending, SIGPIPE) == 1) return;
    on_ = ::pthread_sigmask(SIG_BLOCK, &pipe, &before_) == 0;
  }
  ~no_sigpipe() {
    if (!on_) return;
    const int error = errno;
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    const timespec now{};
    while (error == EPIPE && ::sigtimedwait(&pipe, nullptr, &now) < 0 && errno == EINTR) {}
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
  }
  no_sigpipe(const no_sigpipe&) = delete;
  no_sigpipe& operator=(const no_sigpipe&) = delete;

 private:
  bool on_ = false;
  sigset_t before_;
};

template <class F>
long repeat(std::error_code& error, F f) {
  long n = 0;
  blocking([&] {
    do n = f();
    while (n < 0 && errno == EINTR);
    if (n < 0) error = last_error();
  });
  return n;
}

// The standard three: never closed, not even at exit, when goroutines may still print.
file standard(int number, const char* name) {
  return file(number, name);
}

}  // namespace

file::file(int descriptor, std::string name) : shared_(std::make_shared<shared>(descriptor, std::move(name))) {}

int file::descriptor() const noexcept { return shared_ != nullptr && shared_->is_open() ? shared_->number : -1; }

const std::string& file::name() const noexcept {
  static const std::string none;
  return shared_ != nullptr ? shared_->name : none;
}

namespace {

template <class Shared, class F>
long with_number(Shared* s, std::error_code& error, F f) {
  error.clear();
  if (s == nullptr || !s->begin_use()) {
    error = errc::closed;
    return -1;
  }
  struct end_of_use {
    Shared* s;
    ~end_of_use() {
      if (s->end_use()) ::close(s->number);
    }
  } at_the_end{s};
  return repeat(error, [&] { return f(s->number); });
}

}  // namespace

int detail::file_access::begin(const file& f, mutex*& reading, std::error_code& error) {
  file::shared* s = f.shared_.get();
  if (s == nullptr || !s->begin_use()) {
    error = errc::closed;
    return -1;
  }
  reading = &s->reading;
  return s->number;
}

void detail::file_access::end(const file& f) {
  if (f.shared_->end_use()) ::close(f.shared_->number);
}

std::size_t file::read(bytes to) {
  return or_throw([&] { return "read " + name(); }, [&](std::error_code& e) { return read(to, e); });
}
std::size_t file::read(bytes to, std::error_code& error) {
  const long n = with_number(shared_.get(), error, [&](int d) {
    const std::lock_guard alone(shared_->reading);
    return ::read(d, to.data(), to.size());
  });
  return n < 0 ? 0 : static_cast<std::size_t>(n);
}

std::size_t file::write(const_bytes from) {
  return or_throw([&] { return "write " + name(); }, [&](std::error_code& e) { return write(from, e); });
}
std::size_t file::write(const_bytes from, std::error_code& error) {
  std::size_t done = 0;
  with_number(shared_.get(), error, [&](int d) -> long {
    const std::lock_guard alone(shared_->writing);
    const no_sigpipe quiet(!shared_->standard);
    while (done < from.size()) {
      const long n = ::write(d, from.data() + done, from.size() - done);
      if (n < 0) return n;
      done += static_cast<std::size_t>(n);
    }
    return 0;
  });
  return done;
}

void file::close() {
  or_throw([&] { return "close " + name(); }, [&](std::error_code& e) { close(e); });
}
void file::close(std::error_code& error) {
  error.clear();
  if (shared_ == nullptr || (shared_->uses.fetch_or(shared::closing, std::memory_order_acq_rel) & shared::closing) != 0) {
    error = errc::closed;
    return;
  }
  if (!shared_->end_use()) return;  // by who is inside, then
  blocking([&] {
    if (::close(shared_->number) != 0 && errno != EINTR) error = last_error();
  });
}

std::int64_t file::seek(std::int64_t offset, from whence) {
  return or_throw([&] { return "seek " + name(); }, [&](std::error_code& e) { return seek(offset, whence, e); });
}
std::int64_t file::seek(std::int64_t offset, from whence, std::error_code& error) {
  const int how = whence == from::begin ? SEEK_SET : whence == from::current ? SEEK_CUR : SEEK_END;
  return with_number(shared_.get(), error, [&](int d) { return ::lseek(d, offset, how); });
}

std::int64_t file::size() {
  return or_throw([&] { return "stat " + name(); }, [&](std::error_code& e) {
    struct stat s {};
    with_number(shared_.get(), e, [&](int d) { return ::fstat(d, &s); });
    return static_cast<std::int64_t>(s.st_size);
  });
}

void file::sync() {
  or_throw([&] { return "sync " + name(); }, [&](std::error_code& e) { with_number(shared_.get(), e, [&](int d) { return ::fsync(d); }); });
}

namespace {

file open_as(const std::string& name, int flags, std::error_code& error) {
  error.clear();
  const long d = repeat(error, [&] { return ::open(name.c_str(), flags | O_CLOEXEC, 0666); });
  return error ? file() : file(static_cast<int>(d), name);
}
file open_as(const std::string& name, int flags) {
  return or_throw([&] { return "open " + name; }, [&](std::error_code& e) { return open_as(name, flags, e); });
}

}  // namespace

file open(const std::string& name) { return open_as(name, O_RDONLY); }
file open(const std::string& name, std::error_code& error) { return open_as(name, O_RDONLY, error); }
file create(const std::string& name) { return open_as(name, O_RDWR | O_CREAT | O_TRUNC); }
file create(const std::string& name, std::error_code& error) { return open_as(name, O_RDWR | O_CREAT | O_TRUNC, error); }
file open_append(const std::string& name) { return open_as(name, O_WRONLY | O_CREAT | O_APPEND); }
file open_append(const std::string& name, std::error_code& error) { return open_as(name, O_WRONLY | O_CREAT | O_APPEND, error); }

std::string read_file(const std::string& name) {
  file f = open(name);
  return read_all(f);
}

void write_file(const std::string& name, std::string_view text) {
  file f = create(name);
  write_string(f, text);
  f.close();
}

file& std_in() {
  static auto& f = *new file(standard(0, "standard input"));
  return f;
}
file& std_out() {
  static auto& f = *new file(standard(1, "standard output"));
  return f;
}
file& std_err() {
  static auto& f = *new file(standard(2, "standard error"));
  return f;
}

}  // namespace io
} }
