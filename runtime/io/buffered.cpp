#include <algorithm>
#include <cstring>

#include "runtime/include/ravel/io.hpp"
#include "runtime/io/throwing.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace io {

using detail_of_io::or_throw;

buffered_reader::buffered_reader(reader& from, std::size_t size) : from_(from), buffer_(std::max<std::size_t>(size, 16)) {}

bool buffered_reader::fill(std::error_code& error) {
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) return false;
  const std::size_t n = from_.read(bytes(buffer_).subspan(end_), error);
  end_ += n;
  return n != 0;
}

std::size_t buffered_reader::read(bytes to) {
  return or_throw("read", [&](std::error_code& e) { return read(to, e); });
}
std::size_t buffered_reader::read(bytes to, std::error_code& error) {
  error.clear();
  if (begin_ == end_) {
    if (to.size() >= buffer_.size()) return from_.read(to, error);
    if (to.empty() || !fill(error)) return 0;
  }
  const std::size_t n = std::min(to.size(), end_ - begin_);
  std::memcpy(to.data(), buffer_.data() + begin_, n);
  begin_ += n;
  return n;
}

std::string_view buffered_reader::peek(std::size_t n) {
  return or_throw("peek", [&](std::error_code& e) { return peek(n, e); });
}
std::string_view buffered_reader::peek(std::size_t n, std::error_code& error) {
  error.clear();
  while (end_ - begin_ < n && fill(error)) {}
  return as_text(const_bytes(buffer_).subspan(begin_, std::min(n, end_ - begin_)));
}

bool buffered_reader::read_until(char end, std::string& text) {
  text.clear();
  for (;;) {
    const std::string_view have = as_text(const_bytes(buffer_).subspan(begin_, end_ - begin_));
    const std::size_t at = have.find(end);
    const std::size_t n = at == std::string_view::npos ? have.size() : at + 1;
    text.append(have.substr(0, n));
    begin_ += n;
    if (at != std::string_view::npos) return true;
    if (!or_throw("read_until", [&](std::error_code& e) { return fill(e); })) return false;
  }
}

bool buffered_reader::read_line(std::string& line) {
  const bool ended = read_until('\n', line);
  if (!ended) return !line.empty();
  line.pop_back();
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

buffered_writer::buffered_writer(writer& to, std::size_t size) : to_(to), size_(std::max<std::size_t>(size, 16)) { buffer_.reserve(size_); }

std::size_t buffered_writer::write(const_bytes from) {
  return or_throw("write", [&](std::error_code& e) { return write(from, e); });
}
std::size_t buffered_writer::write(const_bytes from, std::error_code& error) {
  error.clear();
  if (buffer_.size() + from.size() > size_) flush(error);
  if (error) return 0;
  if (from.size() >= size_) return to_.write(from, error);
  buffer_.insert(buffer_.end(), from.begin(), from.end());
  return from.size();
}

void buffered_writer::flush() {
  or_throw("flush", [&](std::error_code& e) { flush(e); });
}
void buffered_writer::flush(std::error_code& error) {
  error.clear();
  if (buffer_.empty()) return;
  const std::size_t n = to_.write(buffer_, error);
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(n));
  if (!error && !buffer_.empty()) error = errc::short_write;
}

}  // namespace io
} }
