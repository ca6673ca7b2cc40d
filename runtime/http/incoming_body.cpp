#include "runtime/http/incoming_body.hpp"

#include <algorithm>
#include <mutex>

#include "runtime/io/throwing.hpp"

namespace ravel::http_text {

incoming_body::incoming_body(input& in, message_parser& parser, const message_header& header, body_owner& owner,
                             std::shared_ptr<void> kept) noexcept
    : kept_(std::move(kept)), in_(in), parser_(parser), owner_(&owner), length_(header.length),
      size_(header.length == body_length::counted ? static_cast<std::int64_t>(header.content_length) : -1),
      left_(header.length == body_length::counted ? header.content_length : 0) {}

std::size_t incoming_body::read(io::bytes to) {
  return detail_of_io::or_throw("read of an HTTP body", [&](std::error_code& e) { return read(to, e); });
}

std::size_t incoming_body::read(io::bytes to, std::error_code& error) {
  error.clear();
  const std::lock_guard alone(lock_);
  if (broken_) error = broken_;
  else if (closed_ || (owner_ == nullptr && !ended_)) error = http::errc::body_closed;
  if (error || ended_ || to.empty()) return 0;
  if (!begun_) {
    begun_ = true;
    owner_->before_first_read(error);
  }
  const std::size_t n = error ? 0 : read_more(to, error);
  if (error) {
    broken_ = error;
    end(false);
  }
  return n;
}

std::size_t incoming_body::read_more(io::bytes to, std::error_code& error) {
  if (length_ == body_length::chunks) return read_chunks(to, error);
  if (length_ == body_length::counted) to = to.first(static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), left_)));
  const std::size_t n = in_.read(to, error);
  if (length_ == body_length::counted) {
    if (n == 0 && !error) error = io::errc::unexpected_end;
    left_ -= n;
    if (left_ == 0) end(true);
  } else if (n == 0 && !error) {
    end(true);
  }
  return n;
}

std::size_t incoming_body::read_chunks(io::bytes to, std::error_code& error) {
  for (;;) {
    const message_parser::progress made = parser_.parse_chunks(in_.data(), to);
    in_.take(made.taken);
    if (parser_.trouble() != problem::none) {
      error = http::errc::malformed;
      return 0;
    }
    if (parser_.chunks_are_done()) {
      trailers_ = parser_.trailers();
      end(true);
      return made.put;
    }
    if (made.put != 0) return made.put;
    if (in_.size() >= longest_line) {
      error = http::errc::malformed;
      return 0;
    }
    if (!in_.fill(error)) {
      if (!error) error = io::errc::unexpected_end;
      return 0;
    }
  }
}

void incoming_body::end(bool whole) noexcept {
  if (ended_) return;
  ended_ = whole;
  if (body_owner* o = std::exchange(owner_, nullptr)) o->body_ended(whole);
}

void incoming_body::close() noexcept {
  const std::lock_guard alone(lock_);
  closed_ = true;
  if (!ended_) end(false);
}

incoming_body::rest incoming_body::try_detach() noexcept {
  const std::unique_lock alone(lock_, std::try_to_lock);
  if (!alone) return rest::busy;
  owner_ = nullptr;
  return ended_ ? rest::none : rest::some;
}

incoming_body::rest incoming_body::skip(std::uint64_t most) noexcept {
  const std::unique_lock alone(lock_, std::try_to_lock);
  if (!alone) return rest::busy;
  owner_ = nullptr;
  closed_ |= !ended_;
  std::byte scratch[4096];
  std::error_code error = broken_;
  // Of what came over the connection: each byte of a chunk may come with kilobytes of extensions.
  const std::uint64_t before = in_.taken();
  while (!ended_ && !error && in_.taken() - before <= most) read_more(scratch, error);
  return ended_ ? rest::none : rest::some;
}

void incoming_body::detach() noexcept {
  const std::lock_guard alone(lock_);
  owner_ = nullptr;
}

}  // namespace ravel::http_text
