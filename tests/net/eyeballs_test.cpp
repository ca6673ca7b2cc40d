// Which of many addresses answers: to the nanosecond, since time is virtual, with addresses that refuse, answer late or never.
#include <ravel/gtest.hpp>
#include <ravel/ravel.hpp>

#include <string>
#include <vector>

#include "runtime/net/happy_eyeballs.hpp"

using namespace ravel;
using namespace std::chrono_literals;

namespace {

const explore::options some{.schedules = 20, .strategy = "random"};

enum class manner { answers, refuses, is_silent };

struct fake_address {
  int of_family = 0;
  manner does = manner::answers;
  clock::duration after{};
  std::string name;
  int family() const { return of_family; }
};
constexpr int six = 6, four = 4;

struct fake_conn {
  std::string to;
};

struct attempts {
  mutex lock;
  std::vector<std::string> begun, cancelled;
};

struct outcome {
  std::string to;
  std::error_code error;
  clock::duration took;
};

outcome dial(attempts& all, const std::vector<fake_address>& addresses, const context::context& ctx = context::background()) {
  const auto one = [&all](const context::context& mine, const fake_address& a, std::error_code& error) -> fake_conn {
    {
      const std::lock_guard hold(all.lock);
      all.begun.push_back(a.name);
    }
    bool over = false;
    if (a.does == manner::is_silent) mine.done().recv(), over = true;
    else select(on_recv(after(a.after)), on_recv(mine.done(), [&] { over = true; }));
    if (over) {
      const std::lock_guard hold(all.lock);
      all.cancelled.push_back(a.name);
      error = mine.err();
    } else if (a.does == manner::refuses) {
      error = std::make_error_code(std::errc::connection_refused);
    }
    return error ? fake_conn() : fake_conn{a.name};
  };
  const auto begin = clock::now();
  outcome o;
  o.to = happy_eyeballs::dial<fake_conn>(ctx, addresses, one, o.error).to;
  o.took = clock::now() - begin;
  sleep_for(1h);  // what goes on beside it is over then,
  const std::lock_guard hold(all.lock);  // and comes before what follows
  return o;
}

using names = std::vector<std::string>;

// Of two addresses, the first of IPv6.
void expect(const fake_address& first, const fake_address& second, const char* to, clock::duration took, const names& begun, const names& cancelled) {
  attempts all;
  const outcome o = dial(all, {first, second});
  EXPECT_EQ(o.to, to);
  EXPECT_EQ(o.took, took);
  EXPECT_EQ(all.begun, begun);
  EXPECT_EQ(all.cancelled, cancelled);
}

}  // namespace

RAVEL_TEST_WITH(eyeballs, a_black_hole_costs_300_milliseconds, some) {
  expect({six, manner::is_silent, {}, "six"}, {four, manner::answers, 20ms, "four"}, "four", 320ms, {"six", "four"}, {"six"});
}

RAVEL_TEST_WITH(eyeballs, a_refusal_starts_the_other_family_at_once, some) {
  expect({six, manner::refuses, 10ms, "six"}, {four, manner::answers, 5ms, "four"}, "four", 15ms, {"six", "four"}, {});
}

RAVEL_TEST_WITH(eyeballs, one_that_answers_in_time_is_alone, some) {
  expect({six, manner::answers, 200ms, "six"}, {four, manner::answers, 0ms, "four"}, "six", 200ms, {"six"}, {});
}

RAVEL_TEST_WITH(eyeballs, the_first_to_answer_wins_and_the_other_is_cancelled, some) {
  expect({six, manner::answers, 400ms, "six"}, {four, manner::answers, 200ms, "four"}, "six", 400ms, {"six", "four"}, {"four"});
}

RAVEL_TEST_WITH(eyeballs, all_refuse_and_the_first_error_is_told, some) {
  attempts all;
  const outcome o = dial(all, {{six, manner::refuses, 400ms, "six"}, {four, manner::refuses, 0ms, "four"}, {six, manner::refuses, 0ms, "six again"}});
  EXPECT_EQ(o.error, std::errc::connection_refused);
  EXPECT_EQ(o.took, 400ms);
  EXPECT_EQ(all.begun.size(), 3u);
}

RAVEL_TEST_WITH(eyeballs, the_context_ends_both, some) {
  attempts all;
  const auto limited = context::with_timeout(context::background(), 1s);
  const outcome o = dial(all, {{six, manner::is_silent, {}, "six"}, {four, manner::is_silent, {}, "four"}}, limited.ctx);
  limited.cancel();
  EXPECT_EQ(o.error, context::errc::deadline_exceeded);
  EXPECT_EQ(o.took, 1s);
  EXPECT_EQ(all.cancelled.size(), 2u);
}

RAVEL_TEST_WITH(eyeballs, each_of_one_family_has_its_share_of_the_time, some) {
  attempts all;
  const auto limited = context::with_timeout(context::background(), 30s);
  const outcome o = dial(all, {{four, manner::is_silent, {}, "a"}, {four, manner::is_silent, {}, "b"}, {four, manner::answers, 1s, "c"}}, limited.ctx);
  limited.cancel();
  EXPECT_EQ(o.to, "c");
  EXPECT_EQ(o.took, 10s + 10s + 1s);
}
