#pragma once
// Package context: cancellation, deadlines and values that go along with a request, down the calls and across goroutines.
//
// Contexts are immutable values, copied by reference; any goroutine or thread may use one. A child ends with its parent, never the other
// way round: when a cancel function returns, all contexts below its own are cancelled. A default-constructed context is background().
// Edges: cancelling happens before done() is seen closed, before err() returns other than nothing, and before functions of after_func.
// As in Go, a context that is never cancelled stays known to its parent as long as somebody holds its done() or awaits its end with
// after_func; one that nobody holds any more is released at once.

#include <cstddef>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "chan.hpp"
#include "time.hpp"

RAVEL_NAMESPACE_BEGIN
namespace detail {

struct context_node;
void retain(context_node* n) noexcept;
void release(context_node* n) noexcept;

class context_handle {
 public:
  constexpr context_handle() noexcept = default;
  explicit context_handle(context_node* n) noexcept : node_(n) {}
  context_handle(const context_handle& o) noexcept : node_(o.node_) { if (node_ != nullptr) retain(node_); }
  context_handle(context_handle&& o) noexcept : node_(std::exchange(o.node_, nullptr)) {}
  context_handle& operator=(context_handle o) noexcept {
    std::swap(node_, o.node_);
    return *this;
  }
  ~context_handle() { if (node_ != nullptr) release(node_); }
  context_node* get() const noexcept { return node_; }

 private:
  context_node* node_ = nullptr;
};

// A key with its value, of types the runtime does not know.
class context_value {
 public:
  virtual ~context_value() = default;
  virtual const void* find(const std::type_info& key_type, const void* key, const std::type_info& value_type) const = 0;
};

// Text that is only referred to becomes a string: a context lives longer than most things.
template <class T>
using text_or_itself = std::conditional_t<std::is_same_v<T, const char*> || std::is_same_v<T, char*> || std::is_same_v<T, std::string_view>,
                                          std::string, T>;

template <class K, class V>
class bound_value final : public context_value {
 public:
  template <class Key, class Value>
  bound_value(Key&& k, Value&& v) : key_(std::forward<Key>(k)), value_(std::forward<Value>(v)) {}
  const void* find(const std::type_info& key_type, const void* key, const std::type_info& value_type) const override {
    if (key_type != typeid(K) || value_type != typeid(V)) return nullptr;
    if constexpr (std::is_empty_v<K>) return &value_;
    else return *static_cast<const K*>(key) == key_ ? &value_ : nullptr;
  }

 private:
  [[no_unique_address]] K key_;
  V value_;
};

// A function on the heap, until it has run or can never run.
template <class F>
struct awaiting_function : closure {
  F f;
  template <class G>
  explicit awaiting_function(G&& g) : closure{&run_it, &delete_it}, f(std::forward<G>(g)) {}
  static void run_it(closure* c) { std::move(static_cast<awaiting_function*>(c)->f)(); }
  static void delete_it(closure* c) noexcept { delete static_cast<awaiting_function*>(c); }
};

const void* find_value(const context_node* n, const std::type_info& key_type, const void* key, const std::type_info& value_type);

}  // namespace detail

namespace context {

// Why a context ended.
enum class errc { canceled = 1, deadline_exceeded = 2 };

const std::error_category& category() noexcept;  // "ravel.context"; equivalent to std::errc::operation_canceled and timed_out
inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

class context {
 public:
  constexpr context() noexcept = default;
  explicit context(detail::context_handle h) noexcept : node_(std::move(h)) {}

  recv_chan<unit> done() const;                         // closed when the context ends; nil when it never can
  std::error_code err() const noexcept;                 // nothing yet, or errc::canceled or errc::deadline_exceeded, for good
  std::optional<clock::time_point> deadline() const noexcept;

  // The value of the nearest with_value with an equal key of the same type, when it is a V; else null. Lives as long as the context. An
  // empty struct is equal to its like, and the best key. Literals and string views are kept as std::string, keys and values alike.
  template <class V, class Key>
  const V* value(const Key& key) const {
    using K = detail::text_or_itself<std::decay_t<Key>>;
    if constexpr (std::is_same_v<K, std::remove_cvref_t<Key>>) {
      return static_cast<const V*>(detail::find_value(node_.get(), typeid(K), std::addressof(key), typeid(V)));
    } else {
      const K text(key);
      return static_cast<const V*>(detail::find_value(node_.get(), typeid(K), &text, typeid(V)));
    }
  }

  friend bool operator==(const context& a, const context& b) noexcept { return a.node_.get() == b.node_.get(); }
  const detail::context_handle& handle() const noexcept { return node_; }

 private:
  detail::context_handle node_;
};

// Ends its context; the second time does nothing. Any goroutine or thread may call it. Call it on every path: until then the context is
// known to its parent, and its timer runs.
class cancel_func {
 public:
  explicit cancel_func(detail::context_handle h) noexcept : node_(std::move(h)) {}
  void operator()() const;

 private:
  detail::context_handle node_;
};
class cancel_cause_func {
 public:
  explicit cancel_cause_func(detail::context_handle h) noexcept : node_(std::move(h)) {}
  void operator()(std::error_code cause = {}) const;  // what cause(ctx) says from now on; nothing: errc::canceled

 private:
  detail::context_handle node_;
};

struct cancellable {
  context ctx;
  cancel_func cancel;
};
struct cancellable_with_cause {
  context ctx;
  cancel_cause_func cancel;
};

context background() noexcept;  // never ends, holds no value, has no deadline: the root of all
context todo() noexcept;        // the same, for where it is not clear yet which context to use

[[nodiscard]] cancellable with_cancel(const context& parent);
[[nodiscard]] cancellable_with_cause with_cancel_cause(const context& parent);
[[nodiscard]] cancellable with_deadline(const context& parent, clock::time_point t, std::error_code cause = {});
template <class Rep, class Period>
[[nodiscard]] cancellable with_timeout(const context& parent, std::chrono::duration<Rep, Period> d, std::error_code cause = {}) {
  return with_deadline(parent, detail::later(clock::now(), detail::to_clock(d)), cause);
}
[[nodiscard]] context without_cancel(const context& parent);  // its values, but not its end

context with_value(const context& parent, std::unique_ptr<detail::context_value> value);
template <class Key, class Value>
[[nodiscard]] context with_value(const context& parent, Key&& key, Value&& value) {
  using K = detail::text_or_itself<std::decay_t<Key>>;
  using V = detail::text_or_itself<std::decay_t<Value>>;
  static_assert(std::is_empty_v<K> || std::equality_comparable<K>, "a context's key must be comparable with ==");
  return with_value(parent, std::unique_ptr<detail::context_value>(
                                new detail::bound_value<K, V>(std::forward<Key>(key), std::forward<Value>(value))));
}

// Why the context ended, as cancel functions with a cause said it; without one, err().
std::error_code cause(const context& ctx) noexcept;

// The way back from after_func: true when this call stopped the function before it was started.
class stop_func {
 public:
  stop_func(context ctx, detail::context_handle h) noexcept : ctx_(std::move(ctx)), node_(std::move(h)) {}
  bool operator()() const;

 private:
  context ctx_;
  detail::context_handle node_;
};

stop_func after_func(const context& ctx, detail::closure* f);

// Runs f in a goroutine of its own once ctx has ended, at once if it has.
template <class F>
  requires std::is_invocable_v<std::decay_t<F>>
stop_func after_func(const context& ctx, F&& f) {
  return after_func(ctx, static_cast<detail::closure*>(new detail::awaiting_function<std::decay_t<F>>(std::forward<F>(f))));
}

}  // namespace context
RAVEL_NAMESPACE_END

template <>
struct std::is_error_code_enum<ravel::context::errc> : std::true_type {};
