// net::pipe: an end is the reader of one pipe and the writer of another.

#include <optional>

#include "runtime/io/pipe_state.hpp"
#include "runtime/net/sockets.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace net {

namespace {

class piped_end final : public detail::memory_end {
 public:
  piped_end(std::shared_ptr<io::detail::pipe_state> in, std::shared_ptr<io::detail::pipe_state> out) : in_(std::move(in)), out_(std::move(out)) {}
  ~piped_end() override { hang_up(); }

  std::size_t read(io::bytes to, std::error_code& error) override { return in_->read(to, error); }
  std::size_t write(io::const_bytes from, std::error_code& error) override { return out_->write(from, error); }
  void close(std::error_code& error) override {
    error.clear();
    hang_up();
  }
  void close_write(std::error_code& error) override {
    error.clear();
    out_->writer_end.close({});
  }
  void set_read_deadline(clock::time_point t, std::error_code& error) override {
    error.clear();
    in_->read_deadline.set(in_time(t));
  }
  void set_write_deadline(clock::time_point t, std::error_code& error) override {
    error.clear();
    out_->write_deadline.set(in_time(t));
  }
  bool is_readable() override { return false; }

 private:
  static std::optional<clock::time_point> in_time(clock::time_point t) { return t == clock::time_point() ? std::nullopt : std::optional(t); }
  void hang_up() {
    in_->reader_end.close(io::errc::closed_pipe);
    out_->writer_end.close({});
  }

  const std::shared_ptr<io::detail::pipe_state> in_, out_;
};

}  // namespace

pipe_ends pipe() {
  const auto one = std::make_shared<io::detail::pipe_state>(), other = std::make_shared<io::detail::pipe_state>();
  const address name("pipe", "pipe");
  return {detail::make_conn({std::make_unique<piped_end>(one, other), name, name}), detail::make_conn({std::make_unique<piped_end>(other, one), name, name})};
}

}  // namespace net
} }
