#include "runtime/netpoll/descriptor.hpp"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>

#include "runtime/include/ravel/detail/io_error.hpp"
#include "runtime/netpoll/system_calls.hpp"

namespace ravel::netpoll {

namespace {

std::error_code of_errno(int number) { return {number, std::system_category()}; }

class locked {
 public:
  locked(detail::mutex_core& m, const void* object) : m_(m) { m_.lock(object); }
  ~locked() { m_.unlock(); }
  locked(const locked&) = delete;
  locked& operator=(const locked&) = delete;

 private:
  detail::mutex_core& m_;
};

}  // namespace

descriptor::descriptor(int number, std::error_code& error) : number_(number), watched_(take_watched()) {
  error.clear();
  if (const int e = watch(number, watched_); e != 0) {
    error = of_errno(e);
    std::error_code ignored;
    close(ignored);
  }
}

descriptor::~descriptor() {
  std::error_code closed_before;
  close(closed_before);
}

descriptor::in_use::in_use(descriptor& d, std::error_code& error) {
  error.clear();
  // Never counts up once closing: the last to let go closes the number, and there may be only one.
  std::uint32_t uses = d.uses_.load(std::memory_order_relaxed);
  do {
    if ((uses & closing) != 0) {
      error = io::errc::closed;
      return;
    }
  } while (!d.uses_.compare_exchange_weak(uses, uses + 1, std::memory_order_acq_rel, std::memory_order_relaxed));
  d_ = &d;
}

void descriptor::let_go() noexcept {
  if (uses_.fetch_sub(1, std::memory_order_acq_rel) != (closing | 1)) return;
  give_back(watched_);
  calls::close(number_);
}

void descriptor::close(std::error_code& error) {
  error.clear();
  if ((uses_.fetch_or(closing, std::memory_order_seq_cst) & closing) != 0) {
    error = io::errc::closed;
    return;
  }
  tell();
  watched_.reading.wake();
  watched_.writing.wake();
  let_go();
}

void descriptor::tell() {
  if constexpr (hooks::enabled) {
    if (told_ != nullptr) hooks::sink().release_merge(sched::current(), *told_, hooks::operation::descriptor_write);
  }
}

void descriptor::learn() {
  if constexpr (hooks::enabled) {
    if (learned_ != nullptr) hooks::sink().acquire(sched::current(), *learned_, hooks::operation::descriptor_write);
  }
}

// Calls until it does something else than ask to wait; its result, or -1 and the error.
template <class Call>
long descriptor::repeat(side& s, std::error_code& error, Call call) {
  for (;;) {
    if (is_closing()) error = io::errc::closed;
    else if (s.is_overdue()) error = io::errc::deadline_exceeded;
    if (error) return -1;
    const long n = call();
    if (n >= 0) return n;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EINPROGRESS) {
      error = of_errno(errno);
      return -1;
    }
    s.wait();
  }
}

std::size_t descriptor::read(void* to, std::size_t size, std::error_code& error) {
  const in_use here(*this, error);
  if (error || size == 0) return 0;
  const locked alone(read_lock_, this);
  bool in_vain = drained_ && !watched_.is_hung_up() && !watched_.reading.has_news();
  const long n = repeat(watched_.reading, error, [&]() -> long {
    if (!in_vain) return calls::receive(number_, to, size);
    in_vain = false;
    errno = EAGAIN;
    return -1;
  });
  drained_ = n > 0 && static_cast<std::size_t>(n) < size;
  if (n < 0) return 0;
  learn();
  return static_cast<std::size_t>(n);
}

// call(done) writes on from there.
template <class Call>
std::size_t descriptor::write_all(std::size_t size, std::error_code& error, Call call) {
  const in_use here(*this, error);
  if (error) return 0;
  const locked alone(write_lock_, this);
  tell();
  std::size_t done = 0;
  while (done < size) {
    const long n = repeat(watched_.writing, error, [&] { return call(done); });
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

std::size_t descriptor::write(const void* from, std::size_t size, std::error_code& error) {
  return write_all(size, error, [&](std::size_t done) { return calls::send(number_, static_cast<const char*>(from) + done, size - done); });
}

std::size_t descriptor::send_file(const std::function<long(int number)>& call, std::error_code& error) {
  const in_use here(*this, error);
  if (error) return 0;
  const locked alone(write_lock_, this);
  tell();
  const long n = repeat(watched_.writing, error, [&] { return call(number_); });
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

int descriptor::accept(sockaddr* from, unsigned* length, std::error_code& error) {
  const in_use here(*this, error);
  if (error) return -1;
  const locked alone(read_lock_, this);
  const unsigned room = *length;
  const long n = repeat(watched_.reading, error, [&] {
    *length = room;
    return static_cast<long>(calls::accept(number_, from, length));
  });
  if (n >= 0) learn();
  return static_cast<int>(n);
}

void descriptor::connect(const sockaddr* to, unsigned length, std::error_code& error) {
  const in_use here(*this, error);
  if (error) return;
  const locked alone(write_lock_, this);
  tell();
  bool begun = false;
  // Once begun, the socket is writable when it is connected or cannot be; calling connect again then says which.
  repeat(watched_.writing, error, [&]() -> long {
    const int failed = calls::connect(number_, to, length);
    if (failed == 0 || (begun && errno == EISCONN)) return 0;
    // A Unix socket begins nothing when the other side's queue is full.
    if (errno == EAGAIN) {
      error = of_errno(EAGAIN);
      return 0;
    }
    begun = true;
    if (errno == EALREADY || errno == EINTR) errno = EINPROGRESS;
    return -1;
  });
  if (!error) learn();
}

void descriptor::shut_down(int how, std::error_code& error) {
  const in_use here(*this, error);
  if (error) return;
  tell();
  if (calls::shut_down(number_, how) != 0) error = of_errno(errno);
}

void descriptor::set_read_deadline(std::int64_t when, std::error_code& error) {
  const in_use here(*this, error);
  if (!error) watched_.reading.set_deadline(when);
}

void descriptor::set_write_deadline(std::int64_t when, std::error_code& error) {
  const in_use here(*this, error);
  if (!error) watched_.writing.set_deadline(when);
}

}  // namespace ravel::netpoll
