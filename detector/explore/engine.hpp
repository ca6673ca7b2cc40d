#pragma once
// Runs one schedule of a body under a strategy and says what came of it.

#include <atomic>
#include <string>
#include <vector>

#include "detector/explore/line.hpp"
#include "detector/explore/names.hpp"
#include "detector/explore/strategy.hpp"
#include "detector/include/ravel/explore.hpp"
#include "detector/report/report.hpp"

namespace ravel::detector::explore {

namespace api = ravel::explore;

struct found {
  enum api::kind kind = api::kind::race;
  std::string message;
  std::string key;     // equal for two that a reader would call the same
  std::string report;    // filled in when asked for, and always where a second run need not find it again
  report::finding what;  // the same as data, with its schedule but for the replay line
};

report::finding_kind finding_kind_of(enum api::kind k);

class globals;

struct body {
  void (*run)(void*) = nullptr;
  void* argument = nullptr;
};

// What is the same in all schedules of one exploration.
struct terms {
  body what;
  hooks::controlled_limits limits;
  bool lock_order = true;        // findings of that kind are failures
  bool own_process = false;      // each schedule in a copy of this process, which ends with it
  globals* restored = nullptr;   // put back before each schedule
};

// A step that was taken, by names that mean the same in another schedule.
struct taken_step {
  goroutine_name who;
  step_name at;                  // its operation
  std::uint32_t goroutine = 0;   // its number
  std::uint32_t event = 0;       // of the trace
  std::uintptr_t place = 0;      // a return address in the program; 0: none
};

struct execution {
  trace happened;
  std::vector<found> failures;   // races first
  namings names;                 // of steps, when asked for; and then also
  std::vector<deviation> deviations;
  std::vector<taken_step> taken; // when operations are asked for
  bool given_up = false;         // by the strategy
  bool cut = false;              // more than max_steps
  bool stopped = false;          // from outside: SIGINT, the time limit
  bool lost = false;             // its process died in it: the strategy does not know how far it came
  std::string unsupported;       // what the body did that a controlled run cannot do
};

struct wishes {
  bool reports = false;          // texts of failures: dear
  bool names = false;            // of steps, for schedule lines
  bool until_race = false;       // what comes after it is of no interest
  bool operations = false;       // names of what they do to which objects: for orders
  bool log = false;              // each operation to stderr, before it is taken; with names
};

// `out` is used again from schedule to schedule, so that nothing is allocated.
void execute(const terms& t, strategy& s, const wishes& w, execution& out);

// Told while a schedule runs, after each of the policy's answers and when it is over; for one that must survive the process.
class witness {
 public:
  virtual void saw(const execution& so_far, const strategy& s) = 0;
  virtual void over(const execution& all, const strategy& s) = 0;  // need not return

 protected:
  ~witness() = default;
};
void clear(execution& e);
void execute_here(const terms& t, strategy& s, const wishes& w, execution& out, witness* of);
void ended_by_exit(int status);  // the running schedule's program called exit: it is over

// From a signal handler or another thread: the present schedule ends, and with it the exploration.
extern std::atomic<bool> interrupted;

// Of real time in seconds; 0: never. The schedule that runs then ends as well.
extern double exploration_ends;
double real_seconds();

void set_observer(const api::detail::observer& o);

}  // namespace ravel::detector::explore
