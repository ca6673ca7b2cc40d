#pragma once
// P and M: what runs goroutines. Private to sched/.

#include <pthread.h>

#include <atomic>
#include <mutex>

#include "runtime/diag/check.hpp"
#include "runtime/sched/run_queue.hpp"
#include "runtime/sched/scheduler.hpp"

namespace ravel::sched {

inline constexpr int most_processors = 1024;

struct processor {
  int id = 0;
  std::uint32_t tick = 0;
  std::atomic<goroutine*> next{nullptr};  // runs before the queue: the one just made ready, so that hand-offs stay hot
  run_queue queue;
  processor* idle_next = nullptr;
  bool has_work() const { return next.load(std::memory_order_relaxed) != nullptr || !queue.empty(); }
};

struct machine {
  fcontext_t scheduler_context = nullptr;  // where the scheduling loop waits while a goroutine runs
  goroutine* running = nullptr;
  processor* p = nullptr;
  std::atomic<std::uint32_t> wake{0};
  machine* idle_next = nullptr;
  bool spinning = false;
  std::uint64_t random = 0;
  // What to do on the scheduler's stack once the goroutine that left is saved.
  void (*after)(machine& m, goroutine& g) = nullptr;
  void (*unlock)(void*) = nullptr;
  void* unlock_argument = nullptr;
};

// State of the whole; every field says its guard.
struct global_state {
  os_lock lock;                            // guards idle lists, the global queue and `limit` changes; never held across a switch
  goroutine* queue_first = nullptr;        // lock
  goroutine* queue_last = nullptr;         // lock
  std::atomic<int> queue_length{0};        // written under lock
  processor* idle_processors = nullptr;    // lock
  machine* idle_machines = nullptr;        // lock
  std::atomic<int> idle_processor_count{0};
  std::atomic<int> spinning{0};
  std::atomic<int> limit{0};               // gomaxprocs
  int created_processors = 0;              // lock
  processor* all[most_processors] = {};    // written under lock, entries never change
  std::atomic<int> known_threads{1};       // OS threads of ours, adopted ones included
  std::atomic<int> blocking{0};            // goroutines inside blocking()
  std::atomic<int> pending_timers{0};
  std::atomic<int> foreign_running{0};     // adopted threads that are not parked
  std::atomic<int> goroutines{0};
  std::atomic<std::uint64_t> next_id{2};   // 1 is main's, whichever thread comes first
  std::atomic<bool> main_adopted{false};   // before: constructors of globals run, on a thread that is known and no goroutine yet
  os_lock all_lock;                        // guards the list of all goroutines
  goroutine* all_goroutines = nullptr;     // all_lock
  bool main_exited = false;                // main called goexit
};
extern global_state global;

machine* this_machine() noexcept;           // null on foreign threads; never inlined
void set_this_machine(machine* m) noexcept;

goroutine* new_goroutine(bool of_main = false);  // linked into the list of all
void forget_goroutine(goroutine* g);        // unlinked and deleted
goroutine& adopt_main_thread();
void start_scheduler();                     // once
goroutine* find_runnable(machine& m);       // blocks the thread until there is one
void wake_a_machine();                      // there is new work: somebody idle should look, unless somebody already does
void put_global(goroutine* g);              // takes lock
void release_processor(machine& m);         // hands its P to another machine, or to the idle list
bool acquire_idle_processor(machine& m);
void stop_machine(machine& m);              // no P: sleeps until given one
void check_deadlock_locked();
[[noreturn]] void schedule(machine& m);     // the loop, on the machine's own stack
void leave(void (*after)(machine&, goroutine&), void (*unlock)(void*) = nullptr, void* argument = nullptr);
void install_fault_handler();
void use_alternate_signal_stack();

}  // namespace ravel::sched
