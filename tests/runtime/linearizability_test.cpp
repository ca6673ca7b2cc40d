// Channels and select under stress, each history checked against a sequential model by search (Wing and Gong, 1993): there must be an order
// of all operations that respects real time and in which the model gives the results that were seen.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <random>
#include <ravel/ravel.hpp>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace {

enum class kind { try_send, try_recv, close, poll_both, poll_send_or_recv };

struct operation {
  kind what;
  int channel;      // 0 or 1; of the select kinds: 0
  int value = 0;    // to send
  long begin = 0, end = 0;
  int result = 0;   // see `run`
  int got = -1;     // the element
};

constexpr int failed = 0, done = 1, ended = 2, panicked = 3;  // results; selects: 0 default, 1 first case, 2 second case, plus 10 for closed

using channels = std::vector<ravel::chan<int>>;

void run(operation& o, const channels& c) {
  auto& mine = c[static_cast<std::size_t>(o.channel)];
  const auto note = [&](int index) { return [&o, index](std::optional<int> v) { o.result = v ? index : index + 10; o.got = v.value_or(-1); }; };
  try {
    switch (o.what) {
      case kind::try_send: o.result = mine.try_send(o.value) ? done : failed; break;
      case kind::try_recv: {
        const auto s = mine.try_recv(o.got);
        o.result = s == ravel::recv_status::received ? done : s == ravel::recv_status::closed ? ended : failed;
        break;
      }
      case kind::close: mine.close(); o.result = done; break;
      case kind::poll_both: ravel::select(ravel::on_recv(c[0], note(1)), ravel::on_recv(c[1], note(2)), ravel::on_default()); break;
      case kind::poll_send_or_recv:
        ravel::select(ravel::on_send(c[0], o.value, [&] { o.result = 1; }), ravel::on_recv(c[1], note(2)), ravel::on_default());
        break;
    }
  } catch (const ravel::panic_error&) { o.result = panicked; }
}

struct model {
  std::deque<int> queue[2];
  bool closed[2] = {};
  std::size_t capacity = 0;

  bool may_receive(int c) const { return !queue[c].empty() || closed[c]; }
  bool may_send(int c) const { return closed[c] || queue[c].size() < capacity; }
  bool receive(int c, int got, bool was_closed) {
    if (queue[c].empty()) return closed[c] && was_closed;
    if (was_closed || queue[c].front() != got) return false;
    queue[c].pop_front();
    return true;
  }
  // Whether o could have had its result now; if so, does it.
  bool apply(const operation& o) {
    const int c = o.channel;
    switch (o.what) {
      case kind::try_send:
        if (o.result == panicked) return closed[c];
        if (o.result == failed) return !may_send(c);
        return send(c, o.value);
      case kind::try_recv:
        if (o.result == failed) return !may_receive(c);
        return receive(c, o.got, o.result == ended);
      case kind::close:
        if (o.result == panicked) return closed[c];
        if (closed[c]) return false;
        return closed[c] = true;
      case kind::poll_both:
        if (o.result == failed) return !may_receive(0) && !may_receive(1);
        return receive(o.result % 10 - 1, o.got, o.result > 10);
      case kind::poll_send_or_recv:
        if (o.result == panicked) return closed[0];
        if (o.result == failed) return !may_send(0) && !may_receive(1);
        if (o.result == 1) return send(0, o.value);
        return receive(1, o.got, o.result > 10);
    }
    return false;
  }
  bool send(int c, int value) {
    if (closed[c] || queue[c].size() >= capacity) return false;
    queue[c].push_back(value);
    return true;
  }
  std::string text() const {
    std::string s;
    for (int c : {0, 1}) {
      for (int v : queue[c]) s += std::to_string(v) + ",";
      s += closed[c] ? "]" : "|";
    }
    return s;
  }
};

bool has_order(const std::vector<operation>& all, unsigned left, const model& m, std::set<std::string>& hopeless) {
  if (left == 0) return true;
  const std::string here = std::to_string(left) + ":" + m.text();
  if (hopeless.contains(here)) return false;
  long first_end = 1L << 60;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if ((left >> i & 1) != 0) first_end = std::min(first_end, all[i].end);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if ((left >> i & 1) == 0 || all[i].begin > first_end) continue;
    model next = m;
    if (next.apply(all[i]) && has_order(all, left & ~(1u << i), next, hopeless)) return true;
  }
  hopeless.insert(here);
  return false;
}

bool linearizable(const std::vector<operation>& history, std::size_t capacity) {
  std::set<std::string> hopeless;
  model m;
  m.capacity = capacity;
  return has_order(history, (1u << history.size()) - 1, m, hopeless);
}

std::vector<operation> random_history(std::mt19937& random, std::size_t capacity) {
  constexpr int goroutines = 3, each = 5;
  channels c{ravel::make_chan<int>(capacity), ravel::make_chan<int>(capacity)};
  std::vector<std::vector<operation>> plan(goroutines);
  int value = 0;
  for (auto& p : plan) {
    for (int i = 0; i < each; ++i) {
      const unsigned dice = random() % 20;
      const kind k = dice < 6 ? kind::try_send : dice < 10 ? kind::try_recv : dice < 15 ? kind::poll_both : dice < 19 ? kind::poll_send_or_recv : kind::close;
      const bool selects = k == kind::poll_both || k == kind::poll_send_or_recv;
      p.push_back({.what = k, .channel = selects ? 0 : static_cast<int>(random() % 2), .value = value++});
    }
  }
  std::atomic<long> time = 0;
  std::atomic<int> waiting = goroutines;
  ravel::wait_group wg;
  for (auto& p : plan) {
    wg.go([&] {
      for (--waiting; waiting > 0;) ravel::yield();
      for (auto& o : p) {
        o.begin = time++;
        run(o, c);
        o.end = time++;
      }
    });
  }
  wg.wait();
  std::vector<operation> all;
  for (auto& p : plan) all.insert(all.end(), p.begin(), p.end());
  return all;
}

TEST(linearizability, of_channels_and_polling_selects) {
  std::mt19937 random(20240501);
  for (int round = 0; round < 1500; ++round) {
    const std::size_t capacity = 1 + static_cast<std::size_t>(round % 2);
    const auto history = random_history(random, capacity);
    if (linearizable(history, capacity)) continue;
    std::string text;
    for (const auto& o : history) {
      text += "[" + std::to_string(o.begin) + "," + std::to_string(o.end) + "] kind " + std::to_string(static_cast<int>(o.what)) + " channel " +
              std::to_string(o.channel) + " value " + std::to_string(o.value) + " result " + std::to_string(o.result) + " got " + std::to_string(o.got) + "\n";
    }
    FAIL() << "no order explains, capacity " << capacity << ":\n" << text;
  }
}

// The checker itself: a history that no order explains.
TEST(linearizability, checker_refuses_a_default_while_something_was_always_ready) {
  const std::vector<operation> history{
      {.what = kind::try_send, .channel = 0, .value = 1, .begin = 0, .end = 1, .result = done},
      {.what = kind::poll_both, .channel = 0, .begin = 2, .end = 7, .result = failed},
      {.what = kind::try_send, .channel = 1, .value = 2, .begin = 3, .end = 4, .result = done},
      {.what = kind::try_recv, .channel = 0, .begin = 5, .end = 6, .result = done, .got = 1},
  };
  EXPECT_FALSE(linearizable(history, 1));
  auto possible = history;
  possible[1].result = 2;
  possible[1].got = 2;
  EXPECT_TRUE(linearizable(possible, 1));
}

// A token moves from the first channel to the last and back, and is in one of them at every instant. Between the two lie channels that are
// looked at in vain, so that there is time to miss it for a select that does not see all at once.
TEST(linearizability, default_is_not_taken_while_some_case_is_ready) {
  std::vector<ravel::chan<int>> c;
  for (int i = 0; i < 60; ++i) c.push_back(ravel::make_chan<int>(1));
  const auto first = c.front(), last = c.back();
  first << 1;
  std::atomic<bool> stop = false;
  ravel::wait_group wg;
  wg.go([&] {
    for (int i = 0; i < 300000; ++i) {
      const auto &from = i % 2 == 0 ? first : last, &to = i % 2 == 0 ? last : first;
      to << 1;
      from.recv();
    }
    stop = true;
  });
  long missed = 0, turn = 0;
  std::vector<ravel::select_case> cases;
  for (std::size_t i = 0; i < c.size(); ++i) cases.emplace_back(ravel::on_recv(c[i]));
  cases.emplace_back(ravel::on_default());
  while (!stop) {
    const std::size_t chosen = ravel::select(std::span(cases));
    if (chosen == c.size()) ++missed;
    else c[chosen] << 1;
    if (++turn % 64 == 0) ravel::yield();
  }
  wg.wait();
  EXPECT_EQ(missed, 0);
}

}  // namespace
