#pragma once
#include <utility>

#include "detail/config.hpp"

RAVEL_NAMESPACE_BEGIN
namespace detail {

template <class F>
class deferred {
 public:
  explicit deferred(F f) : f_(std::move(f)) {}
  deferred(const deferred&) = delete;
  deferred& operator=(const deferred&) = delete;
  ~deferred() { f_(); }

 private:
  F f_;
};

struct defer_maker {
  template <class F>
  deferred<F> operator+(F f) const { return deferred<F>(std::move(f)); }
};

}  // namespace detail
RAVEL_NAMESPACE_END

#define RAVEL_DETAIL_JOIN2(a, b) a##b
#define RAVEL_DETAIL_JOIN(a, b) RAVEL_DETAIL_JOIN2(a, b)

// RAVEL_DEFER { statements }; runs the statements when the scope is left, by return, exception or goexit, last in first out: Go's defer,
// bound to the scope instead of the function. The statements see the scope's variables by reference.
#define RAVEL_DEFER const auto RAVEL_DETAIL_JOIN(ravel_deferred_, __COUNTER__) = ::ravel::detail::defer_maker{} + [&]() -> void
