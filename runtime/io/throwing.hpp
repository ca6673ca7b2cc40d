#pragma once
// Each operation exists once, with an error code; this makes the one that throws.

#include <system_error>
#include <utility>

namespace ravel::detail_of_io {

template <class F>
auto or_throw(const char* what, F&& f) {
  std::error_code error;
  if constexpr (std::is_void_v<decltype(f(error))>) {
    f(error);
    if (error) throw std::system_error(error, what);
  } else {
    auto result = f(error);
    if (error) throw std::system_error(error, what);
    return result;
  }
}

}  // namespace ravel::detail_of_io
