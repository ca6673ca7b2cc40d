// How a process ends: each case is a child process, its status and words compared.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <ravel/ravel.hpp>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace {

class ends : public testing::Test {
 protected:
  void SetUp() override { testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

// A dump of all goroutines, taken again and again until it has `words`; the last one in any case.
std::string dump_once_it_has(const char* words) {
  std::string text;
  for (int i = 0; i < 100000 && text.find(words) == std::string::npos; ++i) {
    ravel::yield();
    std::ostringstream out;
    ravel::dump_goroutines(out);
    text = out.str();
  }
  return text;
}

TEST_F(ends, deadlock_names_every_goroutine_and_what_it_waits_for) {
  EXPECT_EXIT(
      {
        auto c = ravel::make_chan<int>();
        ravel::mutex m;
        m.lock();
        ravel::go([&] { m.lock(); });
        c.recv();
      },
      testing::ExitedWithCode(2),
      "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 \\[chan receive\\]:(.|\n)*goroutine 2 \\[sync.Mutex.Lock\\]:");
}

TEST_F(ends, deadlock_on_nil_channels_and_empty_select) {
  EXPECT_EXIT({ ravel::chan<int>().recv(); }, testing::ExitedWithCode(2), "chan receive \\(nil chan\\)");
  EXPECT_EXIT({ ravel::select(); }, testing::ExitedWithCode(2), "select \\(no cases\\)");
}

TEST_F(ends, panic_when_an_exception_leaves_a_goroutine) {
  EXPECT_EXIT(
      {
        ravel::go([] { throw std::runtime_error("broken"); });
        ravel::sleep_for(std::chrono::hours(1));
      },
      testing::ExitedWithCode(2), "panic: broken\n\ngoroutine 2 \\[running\\]:");
}

TEST_F(ends, fatal_when_an_unlocked_mutex_is_unlocked) {
  EXPECT_EXIT({ ravel::mutex m; m.unlock(); }, testing::ExitedWithCode(2), "fatal error: sync: unlock of unlocked mutex");
}

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winfinite-recursion"
int deep(volatile int* p) {
  volatile char frame[1024];
  frame[0] = static_cast<char>(*p);
  return deep(p) + frame[0];
}
#pragma clang diagnostic pop

TEST_F(ends, stack_overflow_is_named) {
  EXPECT_EXIT(
      {
        ravel::go(ravel::go_options{.name = "digger"}, [] { volatile int x = 1; deep(&x); });
        ravel::sleep_for(std::chrono::hours(1));
      },
      testing::ExitedWithCode(2),
      "fatal error: stack overflow\n\ngoroutine 2 \\(digger\\) \\[running\\]: its stack of 256 KiB is full(.|\n)*deep\\(int volatile\\*\\)(.|\n)*end_test.cpp");
}

TEST_F(ends, stack_overflow_of_the_main_thread_is_named) {
#if __has_feature(thread_sanitizer)
  GTEST_SKIP() << "its end of the process faults again on the full stack";
#endif
  EXPECT_EXIT({ volatile int x = 1; deep(&x); }, testing::ExitedWithCode(2), "fatal error: stack overflow\n\ngoroutine 1 \\[running\\](.|\n)*deep");
}

TEST_F(ends, sigquit_dumps_all_goroutines) {
  EXPECT_EXIT(
      {
        auto c = ravel::make_chan<int>();
        ravel::go(ravel::go_options{.name = "waiter"}, [c] { c.recv(); });
        ravel::go([] {
          dump_once_it_has("[sleep]");
          dump_once_it_has("(waiter) [chan receive]:");
          ::kill(::getpid(), SIGQUIT);
          ravel::sleep_for(std::chrono::hours(1));
        });
        ravel::sleep_for(std::chrono::hours(1));
      },
      testing::ExitedWithCode(2), "SIGQUIT: quit\n\ngoroutine 1 \\[sleep\\]:(.|\n)*\\(waiter\\) \\[chan receive\\]:");
}

TEST_F(ends, deadlock_is_seen_when_the_last_timer_is_stopped) {
  EXPECT_EXIT(
      {
        ravel::timer t(std::chrono::hours(1));
        t.stop();
        ravel::select();
      },
      testing::ExitedWithCode(2), "all goroutines are asleep(.|\n)*goroutine 1 \\[select \\(no cases\\)\\]");
}

TEST_F(ends, deadlock_is_seen_when_a_foreign_thread_waits_too) {
  EXPECT_EXIT(
      {
        auto c = ravel::make_chan<int>();
        std::thread t([c] { c.recv(); });
        c.recv();
      },
      testing::ExitedWithCode(2), "all goroutines are asleep");
}

TEST_F(ends, dump_shows_waiting_goroutines) {
  auto c = ravel::make_chan<int>();
  ravel::go(ravel::go_options{.name = "waiter"}, [c] { c.recv(); });
  const std::string text = dump_once_it_has("[chan receive]");
  EXPECT_NE(text.find("(waiter) [chan receive]:"), std::string::npos) << text;
  c << 1;
}

}  // namespace
