#pragma once
// Which of many addresses answers: RFC 8305 as Go does it (net/dial.go, dialParallel). Private to net/.
//
// Those of the first address's family are tried one after the other; so are the others beside them, from `head_start` on, or at once when the
// first have failed. The first connection wins, the other side's dials are cancelled, and what they still get is closed.

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <system_error>
#include <vector>

#include "runtime/include/ravel/context.hpp"
#include "runtime/include/ravel/go.hpp"
#include "runtime/include/ravel/select.hpp"
#include "runtime/include/ravel/time.hpp"

namespace ravel::happy_eyeballs {

inline constexpr auto head_start = std::chrono::milliseconds(300);  // Go's net.Dialer.FallbackDelay
inline constexpr auto least_time = std::chrono::seconds(2);         // for one of several addresses, unless less is left

// A context with this address's share of what is left, when there is a deadline.
inline context::cancellable share_of_time(const context::context& ctx, std::size_t addresses_left) {
  const auto deadline = ctx.deadline();
  if (!deadline || addresses_left <= 1) return context::with_cancel(ctx);
  const auto now = clock::now();
  const auto share = std::max<clock::duration>((*deadline - now) / static_cast<clock::rep>(addresses_left), least_time);
  return context::with_deadline(ctx, std::min(*deadline, now + share));
}

// dial_one(ctx, address, error) -> Conn. The first error is told, since the first address is the one to expect.
template <class Conn, class Address, class DialOne>
Conn in_turn(const context::context& ctx, const std::vector<Address>& all, const DialOne& dial_one, std::error_code& error) {
  std::error_code first;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (ctx.err()) {
      if (!first) first = ctx.err();
      break;
    }
    std::error_code of_this;
    Conn c;
    if (all.size() == 1) {
      c = dial_one(ctx, all[i], of_this);
    } else {
      const auto mine = share_of_time(ctx, all.size() - i);
      c = dial_one(mine.ctx, all[i], of_this);
      mine.cancel();
    }
    if (!of_this) {
      error.clear();
      return c;
    }
    if (!first) first = of_this;
  }
  error = first;
  return {};
}

template <class Conn, class Address, class DialOne>
Conn dial(const context::context& ctx, const std::vector<Address>& all, const DialOne& dial_one, std::error_code& error) {
  std::vector<Address> sides[2];
  for (const Address& a : all) sides[a.family() != all.front().family()].push_back(a);
  if (sides[1].empty()) return in_turn<Conn>(ctx, all, dial_one, error);

  struct outcome {
    Conn c;
    std::error_code error;
  };
  struct race {
    outcome of[2];
    chan<int> news = make_chan<int>(2);
  };
  const auto r = std::make_shared<race>();
  const auto both = context::with_cancel(ctx);
  struct at_the_end {
    const context::cancellable& c;
    ~at_the_end() { c.cancel(); }
  } cancels{both};
  const auto start = [&](int side) {
    go({.name = "net: dial"}, [r, side, addresses = sides[side], inner = both.ctx, dial_one] {
      r->of[side].c = in_turn<Conn>(inner, addresses, dial_one, r->of[side].error);
      r->news.send(side);
    });
  };
  start(0);
  bool started = false, failed[2] = {};
  timer until_others_start(head_start);
  while (!failed[0] || !failed[1]) {
    int side = -1;
    if (started) side = *r->news.recv();
    else select(on_recv(r->news, [&](std::optional<int> s) { side = *s; }), on_recv(until_others_start.c()));
    if (side >= 0 && !r->of[side].error) {
      error.clear();
      return std::move(r->of[side].c);
    }
    if (side >= 0) failed[side] = true;
    if (!started) start(1);
    started = true;
  }
  error = ctx.err() ? ctx.err() : r->of[0].error;
  return {};
}

}  // namespace ravel::happy_eyeballs
