// Threads that arrive while a goroutine is changing words without locked instructions (runtime/include/ravel/detail/alone.hpp). Most arrivals are
// for good, so each is a process of its own; moments are spread over the time in which its goroutines work.

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct arrival {
  const char* name;
  int processes;
  long longest, turns;
};
void PrintTo(const arrival& a, std::ostream* out) { *out << a.name; }

// RAVEL_ALONE_PROCESSES: more of them, for a stress by hand.
int processes_of(const arrival& a) {
  const char* text = std::getenv("RAVEL_ALONE_PROCESSES");
  return text != nullptr ? std::atoi(text) : a.processes;
}

int run(const arrival& a, long moment) {
  std::string program = RAVEL_ALONE_PROGRAM, name = a.name, when = std::to_string(moment), turns = std::to_string(a.turns);
  char* arguments[] = {program.data(), name.data(), when.data(), turns.data(), nullptr};
  pid_t child = 0;
  if (::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) != 0) return -1;
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return -1;
  return status;
}

class alone : public testing::TestWithParam<arrival> {};

TEST_P(alone, no_change_is_lost_when_others_arrive) {
  const arrival& a = GetParam();
  ASSERT_EQ(::setenv("RAVEL_MAXPROCS", "1", 1), 0);
  const int n = processes_of(a);
  for (int i = 0; i < n; ++i) {
    const long moment = static_cast<long>(i) * 7919 % a.longest;
    ASSERT_EQ(run(a, moment), 0) << "arrival " << a.name << " at " << moment << " turns of a loop";
  }
}

INSTANTIATE_TEST_SUITE_P(arrivals, alone,
                         testing::Values(arrival{"thread", 60, 300'000, 8'000}, arrival{"processors", 20, 20'000, 8'000},
                                         arrival{"blocking", 30, 300'000, 8'000}, arrival{"stalled", 5, 10'000, 60'000}),
                         [](const auto& p) { return std::string(p.param.name); });

}  // namespace
