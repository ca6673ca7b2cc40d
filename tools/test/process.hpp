#pragma once
// Child processes, several at a time, each with its words caught.

#include <string>
#include <utility>
#include <vector>

#include "tools/ravel/command.hpp"

namespace ravel::tools {

struct job {
  words command_line;
  std::vector<std::pair<std::string, std::string>> environment;  // besides our own
};

struct ended {
  int status = 0;      // exit status, 128 + signal, or -1: ended by us after the timeout
  std::string output;  // standard output and error as they came, their last megabyte
};

// Runs the jobs that `next` gives, `at_once` at a time, and tells `done` of each as it ends; both are called on this thread. `next` gives
// false when there are no more for now; all is over when none runs and there are none. A child and what it started are ended after
// `timeout` seconds. Throws refused when a program cannot be run.
class process_pool {
 public:
  process_pool(unsigned at_once, unsigned timeout) : at_once_(at_once), timeout_(timeout) {}
  ~process_pool();  // ends what still runs, since something has gone wrong
  process_pool(const process_pool&) = delete;
  process_pool& operator=(const process_pool&) = delete;
  template <class Next, class Done>
  void run(Next next, Done done) {
    for (;;) {
      job j;
      std::size_t name = 0;
      while (running_.size() < at_once_ && next(j, name)) start(j, name);
      if (running_.empty()) return;
      auto [which, how] = wait_for_one();
      done(which, std::move(how));
    }
  }

 private:
  struct child {
    int pid;
    int output;          // a file without a name
    double until;
    std::size_t name;
    bool expired = false;
  };
  void start(const job& j, std::size_t name);
  std::pair<std::size_t, ended> wait_for_one();

  unsigned at_once_, timeout_;
  std::vector<child> running_;
};

ended run_alone(const job& j, unsigned timeout);

}  // namespace ravel::tools
