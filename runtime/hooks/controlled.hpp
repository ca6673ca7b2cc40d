#pragma once
// Controlled schedules: the seam by which somebody else decides what happens next. In a controlled run all goroutines share one OS thread;
// before each operation that others can notice the runtime asks a schedule_policy which goroutine goes on, and every other choice (select
// case, order of timers that are due together) is asked of it too. Time is virtual. Only in race builds; a program that is not in a
// controlled run pays one test of a global per operation.
//
// Thread-safety: one controlled run at a time in a process. All calls of the policy come from the thread that called run_controlled.

#include <cstddef>
#include <cstdint>
#include <string>

#include "event_sink.hpp"

namespace ravel::hooks {

// What a goroutine is about to do. Lines that replay a schedule name these: add new ones at the end, never change one.
enum class op : std::uint8_t {
  begin,
  go_on,          // what it waited for has happened
  spawn,
  yield,
  sleep,
  chan_send,
  chan_receive,
  chan_close,
  chan_look,      // len, and try_send and try_recv
  select,
  mutex_lock,
  mutex_try_lock,
  mutex_unlock,
  rw_lock,
  rw_try_lock,
  rw_unlock,
  rw_rlock,
  rw_try_rlock,
  rw_runlock,
  group_add,
  group_done,
  group_wait,
  once_call,
  cond_wait,
  cond_signal,
  pool_use,
  timer_use,
  atomic_load,
  atomic_store,
  atomic_rmw,
  atomic_cas,
  fence,
  thread_lock,    // locks of the C library
  thread_try_lock,
  thread_unlock,
  random,
  end,            // of the goroutine; never asked about
  net_listen,     // these are of the simulated network (runtime/net)
  net_dial,
  net_accept,
  net_read,
  net_write,
  net_close,
  net_use,        // deadlines
  net_look,       // whether a read would wait
  semaphore_wait, // of the C library
  semaphore_post,
  futex_wait,
  futex_wake,
  plain_read,     // accesses to memory, where they are points
  plain_write,
};

// How an operation touches its object. Two of different goroutines commute unless one `writes`, or one `adds` and the other `reads`.
enum class touch : std::uint8_t { nothing, reads, adds, writes };

struct step {
  op what = op::begin;
  touch how = touch::nothing;
  std::uint16_t more_count = 0;              // of objects beyond the first: a select's channels
  const void* object = nullptr;
  const void* const* more = nullptr;         // valid while the step is pending
  std::uintptr_t frame = 0;                  // frame pointer of the function in the runtime that the program called
  std::uintptr_t place = 0;                  // a return address in the program; ravel_site* for atomics
};

struct controlled_goroutine {
  enum class condition : std::uint8_t { enabled, held_back, blocked, spinning, ended };
  goroutine_view* view = nullptr;
  step pending;
  condition is = condition::enabled;         // held_back: its step has to wait for another's (a lock that is taken)
  bool (*possible)(const void* object) = nullptr;
  wait_reason why = wait_reason::none;       // it is held back, when it is
  std::uint32_t parent = 0;                  // index; its own for the first and for those a timer starts
  std::uint32_t nth_child = 0;               // of its parent
  std::uint32_t children = 0;
  bool was_held_back = false;                // at its last point
  std::uint64_t since_jump = 0;              // how often time had jumped when it came to where it waits
  std::uint32_t idle_steps = 0;              // in a row, looking again at what it has seen, without changing anything
  std::uint32_t next_look = 0;
  std::uintptr_t looks[4] = {};              // what it looked at last
  void* runs = nullptr;                      // the function that runs its closure: names what it does
  bool waits_for_time = false;               // has read the clock since it changed anything or waited
  std::uint32_t clock_looks = 0;             // since it waited
  std::int64_t clock_cost = 0;               // of the last look; nanoseconds
  std::uint64_t drawn = 0;                   // random numbers
};

// What there is to decide about. Goroutines are numbered as they are created; 0 runs the body.
struct choice {
  const controlled_goroutine* all;
  std::uint32_t count;
  const std::uint32_t* enabled;              // ascending
  std::uint32_t enabled_count;               // at least 1
  std::uint32_t current;                     // who asks; it may be enabled or not
};

enum class ending : std::uint8_t {
  finished,
  deadlock,      // the body cannot go on
  leak,          // the body has returned, others are blocked for good
  panic,
  fatal,         // misuse of sync objects
  assertion,
  livelock,
  step_limit,
  time_limit,
  unsupported,   // the body did what a controlled run cannot do
  stopped,       // by the policy
};

struct controlled_result {
  ending how = ending::finished;
  std::string message;          // "" when finished
  std::uint64_t steps = 0;
};

// What the simulated network may do to connections, each time as the policy chooses. Bits; lines that replay a schedule hold their sum.
namespace network_fault {
inline constexpr std::uint32_t refuse = 1,        // nobody is there
    reset = 2,                                    // a connection breaks in the middle
    silence = 4,                                  // what is sent from some moment on is lost, as by a cable that is cut
    short_reads = 8,                              // a read gets less than there is
    split_writes = 16,                            // what is written arrives in pieces
    delay = 32;                                   // what is written arrives later
inline constexpr std::uint32_t all = 63;
}  // namespace network_fault

struct controlled_limits {
  std::uint64_t steps = 100'000;
  std::int64_t nanoseconds = 10'000'000'000;  // of real time without a step, seen at safepoints
  bool leaks = true;                          // goroutines still blocked at the end are an ending of their own
  bool spinning = true;              // loops that only look are recognised, and passed over until something changes
  std::size_t first_stack = 0;                // bytes for the body's stack; 0: as for every goroutine
  std::uint32_t network_faults = 0;
};

class schedule_policy {
 public:
  virtual std::uint32_t next(const choice& c) = 0;             // one of c.enabled, by its number
  virtual std::uint32_t choose(std::uint32_t n) = 0;           // below n, which is at least 2
  virtual void created(std::uint32_t parent, std::uint32_t child) = 0;
  virtual void woken(std::uint32_t by, std::uint32_t who) = 0; // by == who: by time
  // Asked before each step, also when nobody is enabled: who sleeps, or which timer fires, is to be let go on by time first.
  struct due { std::uint32_t sleeper = none; const void* timer = nullptr; static constexpr std::uint32_t none = 0xFFFFFFFF; };
  virtual due falls_due(const choice&) { return {}; }
  virtual bool lets_fall_due() const { return false; }         // asked once: whether falls_due is to be asked at all
  // For long only time has passed and woken others than the body or some that wait. True: that is all there will be, end the run.
  virtual bool only_time_passes() = 0;
  virtual void over(const controlled_result& r) = 0;           // the goroutines are still there: describe_controlled may be called

 protected:
  ~schedule_policy() = default;
};

// Runs body(argument) as a goroutine, with all it starts, until nothing is left to do; then unwinds what is still alive. Throws
// std::logic_error when called inside a controlled run or on a thread the runtime did not make (main's is fine).
controlled_result run_controlled(schedule_policy& policy, void (*body)(void*), void* argument, const controlled_limits& limits);

bool being_unwound() noexcept;                   // this goroutine is unwound, since its run is over
bool in_controlled_run() noexcept;               // this goroutine is part of one
std::uint32_t number_in_controlled_run(const goroutine_view& g) noexcept;  // from 1; 0: it is not part of one
bool was_held_back() noexcept;                   // this goroutine, at the point it has just passed
bool controlled_run_active() noexcept;           // one has begun and is not unwound yet, whoever asks
std::uint64_t controlled_run_number() noexcept;  // of the present one, or the last; what was made in another does not belong to it
std::uint32_t controlled_network_faults() noexcept;
void end_schedule(ending how, const char* message);  // of this controlled run, now. Returns only when called for a goroutine being unwound.
void end_schedule_from_policy(ending how) noexcept;  // within schedule_policy::next, whose answer no longer matters
void refuse_in_controlled_run(const char* what);     // ends the run: the body does what cannot be controlled. Else nothing.
std::string describe_controlled();               // every goroutine of the run that is over but not unwound: title and stack

// Who runs main in place of a plain call, to run it under schedules; set before main begins, else null. It is called on main's stack, before
// the runtime has made a thread, and its answer is the process's exit status. `program` calls the program's main.
using program_runner = int (*)(int (*program)());
extern program_runner runs_program;

namespace detail {
extern void* controlled_machine;                 // null: nobody is in a controlled run
void point(const step& s, bool (*possible)(const void*), wait_reason why);
void changed(const void* object);
void progressed();
void quiet(int change) noexcept;
std::int64_t controlled_time() noexcept;
}  // namespace detail

// A test for the fast path; on other threads than the run's it says yes too, and the functions below do nothing there.
inline bool maybe_controlled() noexcept {
  if constexpr (!enabled) return false;
  else return __builtin_expect(__atomic_load_n(&detail::controlled_machine, __ATOMIC_RELAXED) != nullptr, 0);
}

// Before an operation, outside of all locks: another goroutine may go first. Written out in the function the program calls.
#define RAVEL_POINT(what_, how_, object_)                                                                                       \
  do {                                                                                                                          \
    if (::ravel::hooks::maybe_controlled()) {                                                                                   \
      ::ravel::hooks::detail::point({::ravel::hooks::op::what_, ::ravel::hooks::touch::how_, 0, object_, nullptr,               \
                                     reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)),                              \
                                     reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))},                            \
                                    nullptr, ::ravel::hooks::wait_reason::none);                                                \
    }                                                                                                                           \
  } while (0)

// The same for one that has to wait while `possible_`(object) is false; why: what dumps call it then.
#define RAVEL_POINT_WHEN(what_, how_, object_, why_, possible_)                                                                 \
  do {                                                                                                                          \
    if (::ravel::hooks::maybe_controlled()) {                                                                                   \
      ::ravel::hooks::detail::point({::ravel::hooks::op::what_, ::ravel::hooks::touch::how_, 0, object_, nullptr,               \
                                     reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)),                              \
                                     reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))},                            \
                                    possible_, ::ravel::hooks::wait_reason::why_);                                              \
    }                                                                                                                           \
  } while (0)

// What goroutines that are held back wait for may have changed.
inline void changed(const void* object) {
  if (maybe_controlled()) detail::changed(object);
}

// An operation that may come to nothing (a try, a compare-exchange) has come to something: its goroutine is not spinning.
inline void progressed() {
  if (maybe_controlled()) detail::progressed();
}

// While one lives, operations of this goroutine are no points: they are part of one step, or a lock of ours is held.
class one_step {
 public:
  one_step() noexcept : counted_(maybe_controlled()) {
    if (counted_) detail::quiet(1);
  }
  ~one_step() {
    if (counted_) detail::quiet(-1);
  }
  one_step(const one_step&) = delete;
  one_step& operator=(const one_step&) = delete;

 private:
  bool counted_;
};

}  // namespace ravel::hooks
