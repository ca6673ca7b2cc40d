#pragma once
// Header fields of HTTP messages, as Go's http.Header; included by <ravel/http.hpp>.

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config.hpp"

RAVEL_NAMESPACE_BEGIN
namespace http {

// In the order they came or were added. Names are compared without regard to case and kept in canonical form ("content-type" is kept as
// "Content-Type"), as in Go. One goroutine at a time, unless all only read.
class headers {
 public:
  struct field {
    std::string name, value;
  };

  headers() = default;
  headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);
  headers(const headers& o) : fields_(o.begin(), o.end()), count_(o.count_) {}
  headers(headers&& o) noexcept : fields_(std::move(o.fields_)), count_(std::exchange(o.count_, 0)) {}
  headers& operator=(headers o) noexcept {
    fields_.swap(o.fields_);
    std::swap(count_, o.count_);
    return *this;
  }

  std::string_view get(std::string_view name) const noexcept;       // the first; "" when there is none
  bool has(std::string_view name) const noexcept;
  std::vector<std::string_view> values(std::string_view name) const;  // all of that name
  std::string& operator[](std::string_view name);                   // the first; added, empty, when there is none

  void set(std::string_view name, std::string_view value);          // in place of all of that name
  void add(std::string_view name, std::string_view value);          // besides them
  void erase(std::string_view name);
  void clear() noexcept { count_ = 0; }                             // keeps the memory

  const field* begin() const noexcept { return fields_.data(); }
  const field* end() const noexcept { return fields_.data() + count_; }
  std::size_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }

 private:
  const field* find(std::string_view name) const noexcept;

  std::vector<field> fields_;  // those from count_ on are spare: their memory serves the next message of the connection
  std::size_t count_ = 0;
};

// Whether `a` and `b` differ at most in the case of ASCII letters.
bool equal_fold(std::string_view a, std::string_view b) noexcept;

}  // namespace http
RAVEL_NAMESPACE_END
