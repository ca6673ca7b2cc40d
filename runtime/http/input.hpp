#pragma once
// What was read from a connection and not used yet. Private to http/. One goroutine at a time.
//
// Begins with 1 KB, which most requests fit in, so that 10,000 idle connections stay small; grows while a header needs it.

#include <cstddef>
#include <memory>
#include <string_view>
#include <system_error>

#include "runtime/include/ravel/net.hpp"

namespace ravel::http_text {

class input {
 public:
  explicit input(net::conn& c) noexcept : conn_(c) {}

  std::string_view data() const noexcept { return {buffer_.get() + begin_, end_ - begin_}; }
  bool empty() const noexcept { return begin_ == end_; }
  std::size_t size() const noexcept { return end_ - begin_; }
  void take(std::size_t n) noexcept {
    taken_ += n;
    begin_ += n;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  std::uint64_t taken() const noexcept { return taken_; }  // bytes in all

  // Reads more behind what is there. False: the end, or an error.
  bool fill(std::error_code& error);
  // What is there, or else from the connection straight into `to`. 0: the end, or an error.
  std::size_t read(io::bytes to, std::error_code& error);
  void give_memory_back() noexcept;  // when nothing is there

 private:
  static constexpr std::size_t smallest = 1024;

  net::conn& conn_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace ravel::http_text
