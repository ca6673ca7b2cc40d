#pragma once
// select: waits for the first of several channel operations, as Go's select statement.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "chan.hpp"

RAVEL_NAMESPACE_BEGIN
namespace detail {

enum class select_kind : unsigned char { receive, send, otherwise };

struct select_op {
  chan_core* core;    // null: nil, never ready
  void* element;      // raw storage for a receive, the element for a send
  select_kind kind;
  bool moved;         // result: an element was received, or taken
};

// Chooses uniformly among the ready operations; blocks while none is, unless one is `otherwise`. Returns the chosen index. Panics when
// the chosen one is a send on a closed channel.
std::size_t choose(select_op* ops, std::size_t count);

struct no_function {};

// One case: knows its operation, and what to do when it is chosen.
class case_base {
 public:
  virtual ~case_base() = default;
  virtual select_op operation() = 0;
  virtual void finish(bool moved) = 0;
  virtual void keep_channel() = 0;  // the case is about to outlive the expression it was written in
};

// A channel given by name is borrowed, since counting references would cost more than the choice itself; a temporary one is kept.
class case_channel {
 public:
  explicit case_channel(chan_core* borrowed) noexcept : core_(borrowed) {}
  explicit case_channel(core_handle kept) noexcept : kept_(std::move(kept)), core_(kept_.get()) {}
  chan_core* core() const noexcept { return core_; }
  void keep() noexcept {
    if (core_ == nullptr || kept_.get() != nullptr) return;
    retain(core_);
    kept_ = core_handle(core_);
  }

 private:
  core_handle kept_;
  chan_core* core_;
};

template <class T, class F>
class recv_case final : public case_base {
 public:
  recv_case(case_channel ch, F f) : ch_(std::move(ch)), f_(std::move(f)) {}
  recv_case(recv_case&& o) : ch_(std::move(o.ch_)), f_(std::move(o.f_)) {}  // before it is waited on: the parcel is empty
  select_op operation() override { return {ch_.core(), parcel_.raw(), select_kind::receive, false}; }
  void finish(bool moved) override {
    parcel_.set_full(moved);
    std::optional<T> v;
    if (moved) v.emplace(parcel_.unpack());
    if constexpr (std::is_invocable_v<F&, std::optional<T>>) f_(std::move(v));
    else if constexpr (std::is_invocable_v<F&>) f_();
    else static_assert(std::is_same_v<F, no_function>, "on_recv's function takes a std::optional<T>, or nothing");
  }
  void keep_channel() override { ch_.keep(); }

 private:
  case_channel ch_;
  F f_;
  parcel<T> parcel_;
};

template <class T, class F>
class send_case final : public case_base {
 public:
  send_case(case_channel ch, T v, F f) : ch_(std::move(ch)), f_(std::move(f)), parcel_(std::move(v)) {}
  send_case(send_case&& o) : ch_(std::move(o.ch_)), f_(std::move(o.f_)) {
    if (o.parcel_.full()) parcel_.pack(o.parcel_.unpack());
  }
  select_op operation() override {
    if (!parcel_.full()) throw panic_error("select: the value of this on_send case was sent before");
    return {ch_.core(), parcel_.raw(), select_kind::send, false};
  }
  void finish(bool moved) override {
    if (moved) parcel_.set_full(false);
    if constexpr (!std::is_same_v<F, no_function>) f_();
  }
  void keep_channel() override { ch_.keep(); }

 private:
  case_channel ch_;
  F f_;
  parcel<T> parcel_;
};

template <class F>
class default_case final : public case_base {
 public:
  explicit default_case(F f) : f_(std::move(f)) {}
  select_op operation() override { return {nullptr, nullptr, select_kind::otherwise, false}; }
  void finish(bool) override {
    if constexpr (!std::is_same_v<F, no_function>) f_();
  }
  void keep_channel() override {}

 private:
  F f_;
};

template <class Case>
inline constexpr bool is_default = false;
template <class F>
inline constexpr bool is_default<default_case<F>> = true;

inline bool would_block(const select_op& op) { return op.kind == select_kind::send ? send_would_block(op.core) : receive_would_block(op.core); }

template <class T>
using element_of = typename std::remove_cvref_t<T>::value_type;

template <class Chan>
concept receivable = std::is_convertible_v<const Chan&, recv_chan<element_of<Chan>>>;
template <class Chan>
concept sendable = std::is_convertible_v<const Chan&, send_chan<element_of<Chan>>>;

}  // namespace detail

// case v := <-ch. f takes std::optional<T> (nullopt: closed and drained), or nothing; it may be left out. Like a string_view, the case
// refers to a channel that was given by name; it is meant to be written inside the call of select. A select_case keeps its channel.
template <class Chan, class F = detail::no_function>
  requires detail::receivable<Chan>
auto on_recv(const Chan& ch [[clang::lifetimebound]], F f = {}) {
  return detail::recv_case<detail::element_of<Chan>, F>(detail::case_channel(ch.core()), std::move(f));
}
template <class Chan, class F = detail::no_function>
  requires(detail::receivable<Chan> && !std::is_reference_v<Chan>)
auto on_recv(Chan&& ch, F f = {}) {
  return detail::recv_case<detail::element_of<Chan>, F>(detail::case_channel(ch.take_handle()), std::move(f));
}

// case ch <- value, with a function for when it was sent, which may be left out. A value that is not sent stays in the case.
template <class Chan, class F = detail::no_function>
  requires detail::sendable<Chan>
auto on_send(const Chan& ch [[clang::lifetimebound]], detail::element_of<Chan> value, F f = {}) {
  return detail::send_case<detail::element_of<Chan>, F>(detail::case_channel(ch.core()), std::move(value), std::move(f));
}
template <class Chan, class F = detail::no_function>
  requires(detail::sendable<Chan> && !std::is_reference_v<Chan>)
auto on_send(Chan&& ch, detail::element_of<Chan> value, F f = {}) {
  return detail::send_case<detail::element_of<Chan>, F>(detail::case_channel(ch.take_handle()), std::move(value), std::move(f));
}

// default:
template <class F = detail::no_function>
auto on_default(F f = {}) {
  return detail::default_case<F>(std::move(f));
}

// A case whose type is known only at run time, for select(std::span<select_case>). A receive may be used again; a send until its value
// is gone, and panics after that.
class select_case {
 public:
  template <class Case>
    requires std::is_base_of_v<detail::case_base, Case>
  select_case(Case c) : case_(std::make_unique<Case>(std::move(c))) { case_->keep_channel(); }
  detail::case_base* get() const noexcept { return case_.get(); }

 private:
  std::unique_ptr<detail::case_base> case_;
};

// Runs the chosen case's function and returns its index. All cases are considered at once; among ready ones the choice is uniformly
// random. Nil channels are never ready; select() without cases blocks for ever. Panics when the chosen case sends on a closed channel. An
// exception of the function leaves select; the operation is done then. Up to eight cases, nothing is allocated.
template <class... Cases>
  requires(std::is_base_of_v<detail::case_base, std::remove_cvref_t<Cases>> && ...)
std::size_t select(Cases&&... cases) {
  if constexpr (sizeof...(cases) == 0) {
    return detail::choose(nullptr, 0);
  } else {
    constexpr std::size_t count = sizeof...(cases);
    detail::select_op ops[] = {cases.operation()...};
    std::size_t chosen = count;
    if constexpr (count == 2 && (detail::is_default<std::remove_cvref_t<Cases>> + ...) == 1) {  // the polling form is worth telling apart
      constexpr std::size_t otherwise = detail::is_default<std::remove_cvref_t<std::tuple_element_t<0, std::tuple<Cases...>>>> ? 0 : 1;
      if (detail::would_block(ops[1 - otherwise])) chosen = otherwise;
    }
    if (chosen == count) chosen = detail::choose(ops, count);
    std::size_t at = 0;
    (void)((at++ == chosen && (cases.finish(ops[chosen].moved), true)) || ...);
    return chosen;
  }
}

std::size_t select(std::span<select_case> cases);

RAVEL_NAMESPACE_END
