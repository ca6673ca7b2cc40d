#pragma once
// A socket whose blocking calls park the goroutine: what net is made of. Go internal/poll/fd_unix.go.
//
// Any goroutine may call anything at any time. Reads wait for each other, and so do writes, each of which is whole. close wakes all who wait;
// they and all later calls fail with io::errc::closed. The number is closed when the last call that uses it has returned, so that none can
// come to another file which has been given the same number.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <system_error>

#include "runtime/hooks/hooks.hpp"
#include "runtime/include/ravel/detail/mutex_core.hpp"
#include "runtime/netpoll/watched.hpp"

struct sockaddr;

namespace ravel::netpoll {

class descriptor {
 public:
  // The number is its own from now on; it must be non-blocking. When it cannot be watched, error says why, and every call fails.
  descriptor(int number, std::error_code& error);
  ~descriptor();  // closes; nobody may be inside a call
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  std::size_t read(void* to, std::size_t size, std::error_code& error);         // 0: the end
  std::size_t write(const void* from, std::size_t size, std::error_code& error);  // all, unless there is an error
  // By the kernel, without the bytes coming here: call(number) is sendfile(2), repeated until something is sent. 0: the file's end.
  std::size_t send_file(const std::function<long(int number)>& call, std::error_code& error);
  int accept(sockaddr* from, unsigned* length, std::error_code& error);         // non-blocking, close-on-exec
  void connect(const sockaddr* to, unsigned length, std::error_code& error);
  void shut_down(int how, std::error_code& error);
  void close(std::error_code& error);

  void set_read_deadline(std::int64_t when, std::error_code& error);
  void set_write_deadline(std::int64_t when, std::error_code& error);

  // For socket options and names: f(number) while it is open.
  template <class F>
  void use(std::error_code& error, F&& f) {
    const in_use here(*this, error);
    if (!error) f(number_);
  }

  // Under -race: what the other end learns of this one, and the other way round. Set before the descriptor is shared.
  void set_edges(hooks::sync_object* told, hooks::sync_object* learned) noexcept { told_ = told, learned_ = learned; }

 private:
  class in_use {
   public:
    in_use(descriptor& d, std::error_code& error);
    ~in_use() { if (d_ != nullptr) d_->let_go(); }
    in_use(const in_use&) = delete;
    in_use& operator=(const in_use&) = delete;

   private:
    descriptor* d_ = nullptr;
  };

  template <class Call>
  long repeat(side& s, std::error_code& error, Call call);
  template <class Call>
  std::size_t write_all(std::size_t size, std::error_code& error, Call call);
  bool is_closing() const noexcept { return (uses_.load(std::memory_order_seq_cst) & closing) != 0; }
  void let_go() noexcept;
  void tell();
  void learn();

  static constexpr std::uint32_t closing = std::uint32_t{1} << 31;

  std::atomic<std::uint32_t> uses_{1};  // calls inside, and one until close
  const int number_;
  watched& watched_;
  detail::mutex_core read_lock_, write_lock_;
  bool drained_ = false;                // read_lock_: the last read took all there was, so another is in vain until an edge
  hooks::sync_object* told_ = nullptr;
  hooks::sync_object* learned_ = nullptr;
};

}  // namespace ravel::netpoll
