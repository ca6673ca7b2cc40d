#pragma once
// M, an OS thread that runs goroutines, and the state of the whole. Private to sched/.

#include <atomic>
#include <mutex>

#include "runtime/diag/check.hpp"
#include "runtime/sched/global_queue.hpp"
#include "runtime/sched/poller.hpp"
#include "runtime/sched/processor.hpp"
#include "runtime/sched/scheduler.hpp"

namespace ravel::sched {

// ThreadSanitizer's own, in a runtime built with it: nobody for a deadlock check to wait for.
#if defined(__has_feature) && __has_feature(thread_sanitizer)
inline constexpr int sanitizer_threads = 1;
#else
inline constexpr int sanitizer_threads = 0;
#endif

struct machine {
  context scheduler = nullptr;             // its own stack, where it looks for work when no goroutine is at hand
  goroutine* running = nullptr;
  processor* p = nullptr;
  processor* lent = nullptr;               // its processor while it is in blocking(), unless the monitor takes it
  void** exceptions = nullptr;             // __cxa_get_globals() of its thread
  std::atomic<std::atomic<std::uint32_t>*> yield_request{nullptr};  // the word safepoints test: its thread's
  // The goroutine that left last is given on by whoever runs next on this machine, once its stack is saved.
  goroutine* left = nullptr;
  void (*after)(machine& m, goroutine& g) = nullptr;
  void (*unlock)(void*) = nullptr;
  void* unlock_argument = nullptr;
  bool spinning = false;
  bool has_worked = false;                 // since it last looked in vain
  bool is_idle = false;                    // global.lock: in the idle list
  machine* idle_next = nullptr;            // global.lock
  std::atomic<std::uint32_t> wake{0};
  std::atomic<bool> in_poll{false};        // sleeps in the poller, not on `wake`
  std::uint64_t random = 0;
  std::atomic<int> thread_id{0};           // 0: its thread has not begun
#if RAVEL_FIBER_ANNOTATIONS
  goroutine scheduler_fiber;               // stands for the scheduler's stack
#endif
};

// Every field says its guard. Order of locks: a timer's own, then a channel's and other objects' above, then `lock`, then those of
// goroutine_slots, timer_heap and dump, which are leaves.
struct global_state {
  os_lock lock;                            // guards idle lists, the global queue and `limit` changes; never held across a switch
  global_queue queue;                      // lock
  processor* idle_processors = nullptr;    // lock
  machine* idle_machines = nullptr;        // lock
  machine* timekeeper = nullptr;           // lock; the idle machine that sleeps only until the next timer is due
  std::int64_t timekeeper_until = 0;       // lock
  alignas(64) std::atomic<int> queue_length{0};  // written under lock: queue.size()
  std::atomic<int> idle_processor_count{0};
  std::atomic<int> spinning{0};
  std::atomic<int> limit{0};               // processors with a lower id may run
  int chosen_limit = 0;                    // lock; gomaxprocs: limit without those that stand in for stalled ones
  std::atomic<int> created_processors{0};  // written under lock
  std::atomic<std::uint32_t> world_held{0};  // not 0: no goroutine may be resumed (world.cpp)
  processor* all[most_processors] = {};    // written under lock, entries never change
  std::atomic<int> known_threads{1 + sanitizer_threads};  // OS threads of ours, adopted ones included
  std::atomic<int> blocking{0};            // goroutines inside blocking()
  std::atomic<int> foreign_running{0};     // adopted threads that are not parked
  std::atomic<std::int64_t> other_goroutines{0};  // created minus ended by threads without a processor
  std::atomic<std::uint64_t> next_id{2};   // 1 is main's, whichever thread comes first
  std::atomic<bool> main_adopted{false};   // before: constructors of globals run, on a thread that is known and no goroutine yet
  bool main_exited = false;                // main called goexit
};
extern global_state global;

machine* this_machine() noexcept;           // null on foreign threads; never inlined
void begin_machine(machine& m) noexcept;    // the calling thread is m from now on

// Birth and death of machines and processors (machine.cpp).
void add_processors_locked(int n);
void wake_a_machine();                      // there is new work: somebody idle should look, unless somebody already does
void release_processor(machine& m);         // hands its P to another machine, or to the idle list
void idle_processor(machine& m);           // puts its P into the idle list
bool acquire_idle_processor(machine& m);
void stop_machine(machine& m);              // no P: sleeps until given one
void run_processor(processor* p, bool spinning);
void ask_to_yield(processor& p) noexcept;   // at the next safepoint or switch

// Finding work (find_work.cpp).
goroutine* take_at_hand(machine& m);        // the quick way, null now and then although there is something
goroutine* find_runnable(machine& m);       // blocks the thread until there is one
void put_global(goroutine* g);              // takes lock
void put_last(machine& m, goroutine* g);    // behind this processor's queue
void put_next(machine& m, goroutine* g);    // before it
bool anything_to_do();
bool backlog_anywhere();
goroutine* next_is_left_alone(const processor& p, std::int64_t nanoseconds);  // what waits in p.next and goes on waiting so long, or null
std::int64_t next_deadline();
void ready_last(goroutine& g);              // as ready, behind those that are ready already

// Descriptors (polling.cpp).
bool news_may_wait() noexcept;              // goroutines wait for descriptors and nobody sleeps in the poller
bool poll_is_overdue() noexcept;            // the same at two looks of the monitor, and nobody polled in between
void poll_now();
bool is_fed_by_poller() noexcept;           // descriptors brought work in the last moments
bool may_sleep_in_poller() noexcept;        // true: the caller must, with sleep_in_poller
void sleep_in_poller(machine& m, poll_batch& batch, std::int64_t nanoseconds);
void dispatch(const poll_batch& batch);
void wake_machine(machine& m);              // an idle one that has been given a processor

// Switching (scheduler.cpp).
void leave(void (*after)(machine&, goroutine&), void (*unlock)(void*) = nullptr, void* argument = nullptr);
[[noreturn]] void schedule(machine& m);     // the loop, on the machine's own stack
void give_way();                            // yields when somebody else could run: behind everybody
void end_blocking();                        // if in blocking(): gets a processor back (blocking.cpp)
void become_runnable(goroutine& g);         // one that has just left and does not wait
std::uint64_t take_id(processor* p) noexcept;
void count_goroutine(processor* p, int change) noexcept;
goroutine& adopt_main_thread();
goroutine& main_goroutine() noexcept;
void start_scheduler();                     // once

// No goroutine is resumed (world.cpp).
void hold_world();                          // from its return none begins to run, until release_world
void release_world();
void keep_world_for_the_end();              // instead of it: until main, which is over, waits in the destructors of globals
void wait_for_world(const machine& m, goroutine& g);

// Foreign threads (foreign.cpp).
goroutine* this_foreign() noexcept;
goroutine& adopt_foreign_thread();
void park_foreign(goroutine& g, void (*unlock)(void*), void* argument);
void ready_foreign(goroutine& g);
void visit_foreign(void* context, void (*visit)(void* context, goroutine& g));

void check_deadlock_locked();               // deadlock.cpp
[[noreturn]] void dump_and_exit();
int extra_processors_locked() noexcept;     // stalled.cpp, for the monitor
bool begin_making_up_for(processor& p);
void end_making_up();
void start_the_monitor();                   // monitor.cpp: once
extern std::atomic<bool> monitor_started;
extern std::atomic<bool> dump_requested;    // then wake_monitor(): it dumps all goroutines and ends the process
inline void start_monitor() {
  if (!monitor_started.load(std::memory_order_relaxed)) [[unlikely]] start_the_monitor();
}
void wake_monitor() noexcept;               // async-signal-safe
extern std::atomic<bool> monitor_rests;
void install_signal_handlers();
void use_alternate_signal_stack();

}  // namespace ravel::sched
