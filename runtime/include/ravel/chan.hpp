#pragma once
// Channels: Go's chan T, <-chan T (recv_chan) and chan<- T (send_chan).
//
// A channel is a handle, copied by reference; default-constructed it is nil. Safe to use from any goroutine or thread. Edges, as in Go's
// memory model: a send happens before the completion of its receive; the receive from an unbuffered channel happens before the completion
// of the send; the k-th receive happens before the completion of the (k+capacity)-th send; close happens before a receive that sees it.
// len and cap order nothing.
//
// Elements may be of any size and alignment. When an element's move constructor throws, it throws in the goroutine that sends (then nothing
// was sent) or in the one that receives (then the element is destroyed and counts as received); the channel stays whole either way.

#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "detail/chan_front.hpp"
#include "detail/config.hpp"
#include "error.hpp"

RAVEL_NAMESPACE_BEGIN

struct unit {  // the element of channels that carry no value
  friend bool operator==(unit, unit) { return true; }
};

enum class recv_status { received, empty, closed };

namespace detail {

struct chan_core;

// How the core moves elements it knows nothing of. Null functions: plain bytes.
struct element_type {
  std::size_t size;
  std::size_t alignment;
  void (*move)(void* to, void* from);  // constructs *to from *from, which is then destroyed
  void (*destroy)(void* p) noexcept;
};

chan_core* make_core(std::size_t capacity, const element_type& type);
void retain(chan_core* c) noexcept;
void release(chan_core* c) noexcept;

// `value`: an element; after a send that took it, its storage is raw. `storage`: raw; after a receive that returned true, an element.
void core_send(chan_core* c, void* value);
bool core_recv(chan_core* c, void* storage);
bool core_try_send(chan_core* c, void* value);
recv_status core_try_recv(chan_core* c, void* storage);
void core_close(chan_core* c);
std::size_t core_len(const chan_core* c) noexcept;
std::size_t core_cap(const chan_core* c) noexcept;

// Elements travel as T itself, or as a pointer to a T on the heap: when its move may throw, since the channel moves elements under its lock;
// and, under the race detector, when T has code of its own, so that each access to the element is made by the goroutine that sends or
// receives it, on its side of the channel's edge.
template <class T>
struct carried {
  static constexpr bool boxed = !std::is_nothrow_move_constructible_v<T> || (RAVEL_RACE != 0 && !std::is_trivially_copyable_v<T>);
  using type = std::conditional_t<boxed, T*, T>;

  static const element_type& element() {
    static constexpr element_type e = [] {
      if constexpr (boxed) {
        return element_type{sizeof(T*), alignof(T*), nullptr, [](void* p) noexcept { delete *static_cast<T**>(p); }};
      } else if constexpr (std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>) {
        return element_type{std::is_empty_v<T> ? 0 : sizeof(T), alignof(T), nullptr, nullptr};
      } else {
        return element_type{sizeof(T), alignof(T),
                            [](void* to, void* from) {
                              ::new (to) T(std::move(*static_cast<T*>(from)));
                              std::destroy_at(static_cast<T*>(from));
                            },
                            [](void* p) noexcept { std::destroy_at(static_cast<T*>(p)); }};
      }
    }();
    return e;
  }
};

// Raw storage for one carried element, and the conversions at both ends.
template <class T>
class parcel {
 public:
  parcel() noexcept {}
  explicit parcel(T&& v) { pack(std::move(v)); }
  parcel(const parcel&) = delete;
  parcel& operator=(const parcel&) = delete;
  ~parcel() {
    if (full_) destroy();
  }

  void pack(T&& v) {
    if constexpr (carried<T>::boxed) {
      T* box = new T(std::move(v));
      ::new (static_cast<void*>(raw_)) T*(box);
    } else {
      ::new (static_cast<void*>(raw_)) T(std::move(v));
    }
    full_ = true;
  }
  T unpack() {  // requires full
    struct emptied {
      parcel& p;
      ~emptied() { p.destroy(); }
    } at_the_end{*this};
    return std::move(value());
  }

  void* raw() noexcept { return raw_; }
  bool full() const noexcept { return full_; }
  void set_full(bool full) noexcept { full_ = full; }

 private:
  using carried_type = typename carried<T>::type;
  T& value() noexcept {
    if constexpr (carried<T>::boxed) return **reinterpret_cast<T**>(raw_);
    else return *reinterpret_cast<T*>(raw_);
  }
  void destroy() noexcept {
    full_ = false;
    if constexpr (carried<T>::boxed) delete *reinterpret_cast<T**>(raw_);
    else std::destroy_at(reinterpret_cast<T*>(raw_));
  }

  alignas(carried_type) unsigned char raw_[sizeof(carried_type)];
  bool full_ = false;
};

// Holds one reference to a core, or none (nil).
class core_handle {
 public:
  core_handle() noexcept = default;
  explicit core_handle(chan_core* c) noexcept : core_(c) {}
  core_handle(const core_handle& o) noexcept : core_(o.core_) { if (core_ != nullptr) retain(core_); }
  core_handle(core_handle&& o) noexcept : core_(o.core_) { o.core_ = nullptr; }
  core_handle& operator=(core_handle o) noexcept {
    chan_core* c = core_;
    core_ = o.core_;
    o.core_ = c;
    return *this;
  }
  ~core_handle() { if (core_ != nullptr) release(core_); }
  chan_core* get() const noexcept { return core_; }
  core_handle take() noexcept { return std::move(*this); }

 private:
  chan_core* core_ = nullptr;
};

#if RAVEL_RACE
void count_receiving(chan_core* c) noexcept;    // of nil: nothing
void uncount_receiving(chan_core* c) noexcept;

// Can only receive, and is counted as such, so that the checks know when nobody is left who could send or close. Counted later and uncounted
// earlier than its reference: what is counted is never too much.
class receiving_handle {
 public:
  receiving_handle() noexcept = default;
  explicit receiving_handle(core_handle h) noexcept : handle_(std::move(h)) { count_receiving(get()); }
  receiving_handle(const receiving_handle& o) noexcept : handle_(o.handle_) { count_receiving(get()); }
  receiving_handle(receiving_handle&& o) noexcept = default;  // the count goes along
  receiving_handle& operator=(receiving_handle o) noexcept {
    std::swap(handle_, o.handle_);
    return *this;
  }
  ~receiving_handle() { uncount_receiving(get()); }
  chan_core* get() const noexcept { return handle_.get(); }
  core_handle take() noexcept {
    uncount_receiving(get());
    return handle_.take();
  }

 private:
  core_handle handle_;
};
#else
using receiving_handle = core_handle;
#endif

template <class T, class Handle = core_handle>
class chan_base {
 public:
  using value_type = T;
  chan_base() noexcept = default;
  explicit chan_base(core_handle h) noexcept : core_(std::move(h)) {}

  std::size_t len() const noexcept { return core_len(core_.get()); }  // elements waiting in the buffer; 0 when nil
  std::size_t cap() const noexcept { return core_cap(core_.get()); }
  explicit operator bool() const noexcept { return core_.get() != nullptr; }  // false: nil
  chan_core* core() const noexcept { return core_.get(); }
  const Handle& handle() const noexcept { return core_; }
  core_handle take_handle() noexcept { return core_.take(); }

 private:
  Handle core_;
};

template <class A, class T>
concept channel_handle = std::is_base_of_v<chan_base<T>, A> || std::is_base_of_v<chan_base<T, receiving_handle>, A>;

template <class A, class B>
  requires channel_handle<A, typename A::value_type> && channel_handle<B, typename A::value_type>
bool operator==(const A& a, const B& b) noexcept {  // the same channel
  return a.core() == b.core();
}

template <class T>
void send_to(chan_core* c, T&& v) {
  parcel<T> p(std::move(v));
  core_send(c, p.raw());
  p.set_full(false);
}

template <class T>
std::optional<T> recv_from(chan_core* c) {
  parcel<T> p;
  p.set_full(core_recv(c, p.raw()));
  if (!p.full()) return std::nullopt;
  return p.unpack();
}

}  // namespace detail

template <class T>
class send_chan;
template <class T>
class recv_chan;

// for (T v : ch): until the channel is closed and drained.
template <class T>
class chan_iterator {
 public:
  chan_iterator() = default;
  explicit chan_iterator(detail::chan_core* c) : core_(c) { ++*this; }
  T operator*() { return std::move(*value_); }
  chan_iterator& operator++() {
    value_ = detail::recv_from<T>(core_);
    return *this;
  }
  friend bool operator!=(const chan_iterator& a, const chan_iterator&) { return a.value_.has_value(); }

 private:
  detail::chan_core* core_ = nullptr;
  std::optional<T> value_;
};

template <class T>
class recv_chan : public detail::chan_base<T, detail::receiving_handle> {
 public:
  using detail::chan_base<T, detail::receiving_handle>::chan_base;

  // Blocks until there is an element, or the channel is closed and drained: nullopt. A nil channel blocks for ever.
  std::optional<T> recv() const { return detail::recv_from<T>(this->core()); }
  bool operator>>(T& v) const {  // false: closed and drained, v untouched
    std::optional<T> got = recv();
    if (!got) return false;
    v = std::move(*got);
    return true;
  }
  recv_status try_recv(T& v) const {  // never blocks
    if (detail::receive_would_block(this->core())) return recv_status::empty;
    detail::parcel<T> p;
    const recv_status s = detail::core_try_recv(this->core(), p.raw());
    p.set_full(s == recv_status::received);
    if (p.full()) v = p.unpack();
    return s;
  }
  chan_iterator<T> begin() const { return chan_iterator<T>(this->core()); }
  chan_iterator<T> end() const { return {}; }
};

template <class T>
class send_chan : public detail::chan_base<T> {
 public:
  using detail::chan_base<T>::chan_base;

  void send(T v) const { detail::send_to<T>(this->core(), std::move(v)); }  // blocks; panics on a closed channel; nil: for ever
  const send_chan& operator<<(T v) const {
    send(std::move(v));
    return *this;
  }
  bool try_send(T v) const {  // never blocks; false: nobody took it. Panics on a closed channel.
    if (detail::send_would_block(this->core())) return false;
    detail::parcel<T> p(std::move(v));
    if (!detail::core_try_send(this->core(), p.raw())) return false;
    p.set_full(false);
    return true;
  }
  void close() const { detail::core_close(this->core()); }  // panics when closed before, or nil
};

template <class T>
class chan : public detail::chan_base<T> {
 public:
  using detail::chan_base<T>::chan_base;

  operator recv_chan<T>() const { return recv_chan<T>(this->handle()); }
  operator send_chan<T>() const { return send_chan<T>(this->handle()); }

  void send(T v) const { detail::send_to<T>(this->core(), std::move(v)); }
  const chan& operator<<(T v) const {
    send(std::move(v));
    return *this;
  }
  bool try_send(T v) const { return send_chan<T>(*this).try_send(std::move(v)); }
  std::optional<T> recv() const { return detail::recv_from<T>(this->core()); }
  bool operator>>(T& v) const { return recv_chan<T>(*this) >> v; }
  recv_status try_recv(T& v) const { return recv_chan<T>(*this).try_recv(v); }
  void close() const { detail::core_close(this->core()); }
  chan_iterator<T> begin() const { return chan_iterator<T>(this->core()); }
  chan_iterator<T> end() const { return {}; }
};

// make(chan T, capacity): 0 is unbuffered. T needs only to be movable. Throws std::bad_alloc.
template <class T>
chan<T> make_chan(std::size_t capacity = 0) {
  static_assert(std::is_move_constructible_v<T> && !std::is_reference_v<T>, "an element of a channel must be a movable object");
  return chan<T>(detail::core_handle(detail::make_core(capacity, detail::carried<T>::element())));
}

RAVEL_NAMESPACE_END
