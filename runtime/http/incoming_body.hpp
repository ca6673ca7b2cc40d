#pragma once
// The body of a message that comes from a connection. Private to http/.
//
// Handles of it may outlive the message: the connection takes itself back (detach) before it goes on, from then on reads fail with
// errc::body_closed. `lock_` is held while a read waits, so detach waits for that read; who detaches ends it by the read deadline first.

#include <cstdint>
#include <memory>
#include <system_error>

#include "runtime/http/input.hpp"
#include "runtime/http/message_parser.hpp"
#include "runtime/include/ravel/http.hpp"
#include "runtime/include/ravel/sync.hpp"

namespace ravel::http_text {

struct body_owner {
  virtual void before_first_read(std::error_code& error) = 0;
  virtual void body_ended(bool whole) noexcept = 0;  // once: read to the end, or broken, or closed before

 protected:
  ~body_owner() = default;
};

class incoming_body final : public http::detail::body_source {
 public:
  incoming_body(input& in, message_parser& parser, const message_header& header, body_owner& owner, std::shared_ptr<void> kept = {}) noexcept;
  ~incoming_body() override { close(); }

  std::size_t read(io::bytes to) override;
  std::size_t read(io::bytes to, std::error_code& error) override;
  void close() noexcept override;
  std::int64_t size() const noexcept override { return size_; }
  const http::headers* trailers() const noexcept override { return &trailers_; }

  // The owner takes itself back. skip: reads what is left, but no more than `most` bytes. busy: a read is going on, and nothing was done.
  enum class rest : std::uint8_t { none, some, busy };
  rest skip(std::uint64_t most) noexcept;
  rest try_detach() noexcept;
  void detach() noexcept;

  // For the owner, while nobody else reads.
  bool ended() const noexcept { return ended_; }
  std::uint64_t left() const noexcept { return left_; }  // of a counted one

 private:
  std::size_t read_more(io::bytes to, std::error_code& error);
  std::size_t read_chunks(io::bytes to, std::error_code& error);
  void end(bool whole) noexcept;

  // A chunk's size with its extensions, or all the trailers.
  static constexpr std::size_t longest_line = 16 << 10;

  const std::shared_ptr<void> kept_;  // for as long as there is a handle
  mutex lock_;
  input& in_;
  message_parser& parser_;
  body_owner* owner_;
  const body_length length_;
  const std::int64_t size_;
  std::uint64_t left_;
  bool begun_ = false, ended_ = false, closed_ = false;
  std::error_code broken_;
  http::headers trailers_;
};

}  // namespace ravel::http_text
