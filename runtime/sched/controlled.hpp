#pragma once
// Controlled runs: all goroutines of a run on one thread, a policy decides who goes on (hooks/controlled.hpp). Private to sched/.
//
// Invariants: while a run is active its goroutines are known by number (goroutine::task, from 1), and `enabled` holds, in ascending order,
// those whose next step may be taken; each other one is held back, blocked, spinning or has ended. Only the machine that called
// run_controlled touches any of this. Nothing here holds a lock while it switches.

#include <string>
#include <vector>

#include "runtime/hooks/controlled.hpp"
#include "runtime/sched/goroutine.hpp"
#include "runtime/sched/goroutine_slots.hpp"
#include "runtime/sched/machine.hpp"
#include "runtime/sched/switching.hpp"

namespace ravel::sched {

struct controlled_run {
  machine* m = nullptr;
  goroutine* root = nullptr;                 // who called run_controlled
  hooks::schedule_policy* policy = nullptr;
  void (*body)(void*) = nullptr;
  void* argument = nullptr;
  hooks::controlled_limits limits;
  std::vector<hooks::controlled_goroutine> all;
  std::vector<goroutine*> goroutines;        // the same, as the scheduler knows them
  std::vector<goroutine*> resting;           // slots by number, so that addresses on stacks are the same in each run
  std::vector<std::uint32_t> enabled;
  std::uint32_t held_back = 0, spinning = 0, alive = 0;
  std::uint64_t steps = 0;
  std::uint64_t idle_steps_of_all = 0;       // since anybody changed anything
  std::int64_t now = 0;
  std::uint64_t jumps = 0;                   // of time
  std::uint64_t body_ended_at = 0;           // the same, when the body returned
  timer_heap timers;
  struct futex_waiter {
    const void* word;
    std::uint32_t mask;
    goroutine* who;
  };
  std::vector<futex_waiter> futex_waiters;
  bool has_seed = false;                     // of random numbers
  std::uint32_t seed = 0;
  std::uint64_t given_seed = 0;
  bool asks_due = false;                     // the policy lets some fall due
  bool active = false;                       // goroutines of the run run
  bool over = false;
  bool unwinding = false;
  int quiet = 0;                             // steps are not asked about
  bool progress = false;                     // of the step that is being taken
  std::uint32_t unwinding_points = 0;        // since the goroutine that is being unwound went on
  hooks::controlled_result result;
  hooks::sync_object ends;                   // everything the run did comes before what follows it
  std::uint64_t steps_of_all_runs = 0;
  std::uint64_t number = 0;                  // of the run, from 1
};
extern controlled_run controlled;

// Thrown to unwind a goroutine when its run is over; not an std::exception on purpose.
struct abandoned {};

inline bool is_controlled(const goroutine& g) { return hooks::enabled && g.task != 0; }

// Whether this thread is the one of the active run.
bool on_controlled_machine() noexcept;

// The running goroutine, in a run that is active on this thread; null otherwise.
goroutine* controlled_goroutine_here() noexcept;

void park_controlled(goroutine& g, void (*unlock)(void*), void* argument);
void ready_controlled(goroutine& g);
void begin_controlled(goroutine& g, goroutine* parent);  // in place of putting it into a queue
void yield_controlled(goroutine& g);
void look_at_time_controlled(goroutine& g, std::int64_t real_now);  // at a safepoint: ends a run that makes no steps
[[noreturn]] void run_controlled_goroutine(void* machine_that_runs);
void end_controlled_goroutine(goroutine& g);             // the run forgets it; returns on its stack, for the last switch
goroutine& next_controlled();                            // who goes on, the run's root when it is over
void finish_controlled(hooks::ending how, std::string message);  // unless it is over
goroutine* take_controlled_slot(std::size_t size);       // null: take any
void wait_to_be_unwound();                               // the run is over
[[noreturn]] void end_controlled_panic(const char* what);   // std::terminate was called
[[noreturn]] void give_up_unwinding();                   // the goroutine cannot be unwound: leaves its stack for good
void leave_for(goroutine& next, void (*after)(machine&, goroutine&));

std::string describe_goroutines(bool (*wanted)(const goroutine& g));  // dump.cpp

}  // namespace ravel::sched
