#include "runtime/http/input.hpp"

#include <algorithm>
#include <cstring>

namespace ravel::http_text {

bool input::fill(std::error_code& error) {
  if (end_ == capacity_) {
    const std::size_t kept = size();
    const std::size_t capacity = kept * 2 >= capacity_ ? std::max(smallest, kept * 2) : capacity_;
    if (capacity != capacity_) {
      std::unique_ptr<char[]> larger(new char[capacity]);
      if (kept != 0) std::memcpy(larger.get(), buffer_.get() + begin_, kept);
      buffer_ = std::move(larger);
      capacity_ = capacity;
    } else {
      std::memmove(buffer_.get(), buffer_.get() + begin_, kept);
    }
    begin_ = 0;
    end_ = kept;
  }
  const std::size_t n = conn_.read({reinterpret_cast<std::byte*>(buffer_.get()) + end_, capacity_ - end_}, error);
  end_ += n;
  return n != 0;
}

std::size_t input::read(io::bytes to, std::error_code& error) {
  error.clear();
  if (empty()) {
    const std::size_t n = conn_.read(to, error);
    taken_ += n;
    return n;
  }
  const std::size_t n = std::min(to.size(), size());
  if (n != 0) std::memcpy(to.data(), buffer_.get() + begin_, n);
  take(n);
  return n;
}

void input::give_memory_back() noexcept {
  if (!empty() || capacity_ <= smallest) return;
  buffer_.reset();
  capacity_ = begin_ = end_ = 0;
}

}  // namespace ravel::http_text
