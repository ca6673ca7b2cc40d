#pragma once
// Each operation exists once, with an error code; this makes the one that throws.

#include <system_error>
#include <type_traits>
#include <utility>

namespace ravel::detail_of_io {

// what: a text, or a function that makes one, which is called only when there is an error.
template <class What, class F>
auto or_throw(const What& what, F&& f) {
  std::error_code error;
  const auto check = [&] {
    if (!error) return;
    if constexpr (std::is_invocable_v<const What&>) throw std::system_error(error, what());
    else throw std::system_error(error, what);
  };
  if constexpr (std::is_void_v<decltype(f(error))>) {
    f(error);
    check();
  } else {
    auto result = f(error);
    check();
    return result;
  }
}

}  // namespace ravel::detail_of_io
