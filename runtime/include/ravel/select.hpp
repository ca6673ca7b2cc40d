#pragma once
// select: waits for the first of several channel operations, as Go's select statement.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
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
};

template <class T, class F>
class recv_case final : public case_base {
 public:
  recv_case(recv_chan<T> ch, F f) : ch_(std::move(ch)), f_(std::move(f)) {}
  recv_case(recv_case&& o) noexcept : ch_(std::move(o.ch_)), f_(std::move(o.f_)) {}  // before it is waited on: the parcel is empty
  select_op operation() override { return {ch_.core(), parcel_.raw(), select_kind::receive, false}; }
  void finish(bool moved) override {
    parcel_.set_full(moved);
    std::optional<T> v;
    if (moved) v.emplace(parcel_.unpack());
    if constexpr (std::is_invocable_v<F, std::optional<T>>) f_(std::move(v));
    else if constexpr (std::is_invocable_v<F>) f_();
    else static_assert(std::is_same_v<F, no_function>, "on_recv's function takes a std::optional<T>, or nothing");
  }

 private:
  recv_chan<T> ch_;
  F f_;
  parcel<T> parcel_;
};

template <class T, class F>
class send_case final : public case_base {
 public:
  send_case(send_chan<T> ch, T v, F f) : ch_(std::move(ch)), f_(std::move(f)), parcel_(std::move(v)) {}
  send_case(send_case&& o) : ch_(std::move(o.ch_)), f_(std::move(o.f_)) {
    if (o.parcel_.full()) parcel_.pack(o.parcel_.unpack());
  }
  select_op operation() override { return {ch_.core(), parcel_.raw(), select_kind::send, false}; }
  void finish(bool moved) override {
    if (moved) parcel_.set_full(false);
    if constexpr (!std::is_same_v<F, no_function>) f_();
  }

 private:
  send_chan<T> ch_;
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

 private:
  F f_;
};

template <class T>
using element_of = typename std::remove_cvref_t<T>::value_type;

std::size_t run_select(case_base* const* cases, std::size_t count);

}  // namespace detail

// case v := <-ch. f takes std::optional<T> (nullopt: closed and drained), or nothing; it may be left out.
template <class Chan, class F = detail::no_function>
auto on_recv(const Chan& ch, F f = {}) {
  using T = detail::element_of<Chan>;
  return detail::recv_case<T, F>(recv_chan<T>(ch), std::move(f));
}

// case ch <- value. f takes nothing; it may be left out.
template <class Chan, class F = detail::no_function>
auto on_send(const Chan& ch, detail::element_of<Chan> value, F f = {}) {
  using T = detail::element_of<Chan>;
  return detail::send_case<T, F>(send_chan<T>(ch), std::move(value), std::move(f));
}

// default:
template <class F = detail::no_function>
auto on_default(F f = {}) {
  return detail::default_case<F>(std::move(f));
}

// A case whose type is known only at run time, for select(std::span<select_case>). Used once: a send's value is gone when it was sent.
class select_case {
 public:
  template <class Case>
    requires std::is_base_of_v<detail::case_base, Case>
  select_case(Case c) : case_(std::make_unique<Case>(std::move(c))) {}
  detail::case_base* get() const noexcept { return case_.get(); }

 private:
  std::unique_ptr<detail::case_base> case_;
};

// Runs the chosen case's function and returns its index. All cases are considered at once; among ready ones the choice is uniformly
// random. Nil channels are never ready; select() without cases blocks for ever.
template <class... Cases>
  requires(std::is_base_of_v<detail::case_base, std::remove_cvref_t<Cases>> && ...)
std::size_t select(Cases&&... cases) {
  detail::case_base* const list[sizeof...(cases) + 1] = {&cases..., nullptr};
  return detail::run_select(list, sizeof...(cases));
}

std::size_t select(std::span<select_case> cases);

RAVEL_NAMESPACE_END
