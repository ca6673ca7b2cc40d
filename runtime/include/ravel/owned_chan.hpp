#pragma once
// A channel with one owner, checked by the compiler: who holds the owned_chan sends and closes, everybody else gets a recv_chan, which can do
// neither. Go has only the halves of this (chan<- and <-chan); that a channel is closed, once, by the one who sends is a habit there.
//
// The owner can be moved, not copied: a move hands the channel over, and the old owner keeps nothing. Destroying the owner closes the channel,
// unless it has been closed or handed over: so whoever ranges over it ends, whatever way the owner's function was left.
//
//   auto numbers = make_owned_chan<int>();
//   recv_chan<int> view = numbers.view();
//   go([out = std::move(numbers)]() mutable { for (int i = 0; i < 3; ++i) out << i; });   // closes when it returns
//   for (int n : view) ...

#include <cstddef>
#include <type_traits>
#include <utility>

#include "chan.hpp"
#include "error.hpp"
#include "select.hpp"

RAVEL_NAMESPACE_BEGIN

namespace detail {
void core_owned(chan_core* c);  // the caller owns the channel from now on. Nothing happens but under the race detector
}

// Under the race detector the owner is known while the program runs, and a send or close by anybody else, with a handle that was kept from before
// the channel had an owner, is reported; so is one owner used by two goroutines that nothing orders. A hand-over needs no words: whoever uses
// the owner next, after what the last one did with it, is the new owner.
//
// Thread-safety: an owner is one goroutine's; hand it over by moving it to another. The channel behind it is as safe as any.
template <class T>
class owned_chan {
 public:
  using value_type = T;
  owned_chan() noexcept = default;  // owns nothing
  explicit owned_chan(chan<T> fresh) noexcept : channel_(std::move(fresh)), open_(static_cast<bool>(channel_)) {  // nobody else may send on it
    if constexpr (RAVEL_RACE != 0) detail::core_owned(channel_.core());
  }
  owned_chan(owned_chan&& o) noexcept : channel_(std::exchange(o.channel_, {})), open_(std::exchange(o.open_, false)) {}
  owned_chan& operator=(owned_chan o) noexcept {  // what it owned before is closed
    std::swap(channel_, o.channel_);
    std::swap(open_, o.open_);
    return *this;
  }
  ~owned_chan() {
    if (open_) owned().close();
  }

  // As send_chan's. Panics when this owner has closed the channel, or has handed it over or never had one: it does not block for ever.
  void send(T v) { owned().send(std::move(v)); }
  owned_chan& operator<<(T v) {
    send(std::move(v));
    return *this;
  }
  bool try_send(T v) { return owned().try_send(std::move(v)); }
  void close() {  // panics the second time
    const chan<T> c = owned();
    open_ = false;
    c.close();
  }

  // What others get: as many as they like, also when the channel is closed. Nil when it was handed over.
  recv_chan<T> view() const noexcept { return channel_; }
  operator recv_chan<T>() const noexcept { return channel_; }

  std::size_t len() const noexcept { return channel_.len(); }
  std::size_t cap() const noexcept { return channel_.cap(); }
  explicit operator bool() const noexcept { return static_cast<bool>(channel_); }  // false: handed over, or never had one

  // on_send's way in. Not for users.
  const chan<T>& owned() const {
    if (!channel_) throw panic_error("use of an owned channel that was handed over");
    if constexpr (RAVEL_RACE != 0) detail::core_owned(channel_.core());
    return channel_;
  }

 private:
  chan<T> channel_;
  bool open_ = false;
};

// case owner <- value, as on_send of a channel.
template <class T, class F = detail::no_function>
auto on_send(owned_chan<T>& ch [[clang::lifetimebound]], std::type_identity_t<T> value, F f = {}) {
  return on_send(ch.owned(), std::move(value), std::move(f));
}

// A channel of which the caller is the owner. Throws std::bad_alloc.
template <class T>
[[nodiscard]] owned_chan<T> make_owned_chan(std::size_t capacity = 0) {
  return owned_chan<T>(make_chan<T>(capacity));
}

RAVEL_NAMESPACE_END
