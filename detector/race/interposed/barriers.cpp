// pthread_barrier_t: all that came before the arrivals of one round happens before all that follows its departures, and nothing more:
// who arrives for the next round early does not tell those who are late in leaving this one. So there are two clocks, used in turn: to
// arrive for the round after the next, all must have left this one.

#include <new>

#include "detector/base/object_pool.hpp"
#include "detector/race/calling_context.hpp"
#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "runtime/hooks/controlled.hpp"

namespace ravel::detector {

namespace {

struct barrier {
  const void* address;
  unsigned count;       // arrivals that make a round
  unsigned arrived = 0;
  unsigned round = 0;
  unsigned inside = 0;  // arrived and not yet left
  bool destroyed = false;
  sync_clock told[2];   // by the arrivals of even and odd rounds
  barrier* next;
};

// Barriers are few and each wait sleeps: one lock for all.
constinit spin_lock lock;
constinit barrier* first = nullptr;

barrier** find_locked(const void* address) {
  barrier** at = &first;
  while (*at != nullptr && (*at)->address != address) at = &(*at)->next;
  return at;
}

void free_if_unused_locked(barrier& b) {
  if (!b.destroyed || b.inside != 0) return;
  b.~barrier();
  object_pool<barrier>::free(&b);
}

void make(const void* address, unsigned count) {
  const observation o;
  locked hold(lock);
  first = ::new (object_pool<barrier>::allocate()) barrier{.address = address, .count = count, .told = {}, .next = first};
}

// The C library's destroy waits for those who are still leaving, who then have yet to come through `leave`.
void destroy(const void* address) {
  const observation o;
  locked hold(lock);
  barrier** at = find_locked(address);
  if (*at == nullptr) return;
  barrier& b = **at;
  *at = b.next;
  b.destroyed = true;
  free_if_unused_locked(b);
}

struct arrival { barrier* at; unsigned round; };

arrival arrive(const void* address, const void* frame) {
  const observation o;
  o.self.releases.add(o.self.clock.time(), hooks::operation::thread_barrier_wait, stack_of_event(frame));
  locked hold(lock);
  barrier* b = *find_locked(address);
  if (b == nullptr) return {nullptr, 0};  // never initialised: the C library will say what it thinks of that
  const unsigned round = b->round;
  sync_clock& told = b->told[round % 2];
  if (b->arrived == 0) told.clear();
  o.self.clock.release_merge(told);
  ++b->inside;
  if (++b->arrived == b->count) {
    b->arrived = 0;
    ++b->round;
  }
  end_segment(o.self);
  return {b, round};
}

void leave(arrival a) {
  if (a.at == nullptr) return;
  const observation o;
  locked hold(lock);
  o.self.clock.acquire(a.at->told[a.round % 2]);
  --a.at->inside;
  free_if_unused_locked(*a.at);
}

}  // namespace

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

int pthread_barrier_init(pthread_barrier_t* b, const pthread_barrierattr_t* attributes, unsigned count) noexcept {
  if (observed()) {
    record_life(b, sizeof *b, __builtin_frame_address(0));
    destroy(b);
    make(b, count);
  }
  return libc.pthread_barrier_init(b, attributes, count);
}

int pthread_barrier_destroy(pthread_barrier_t* b) noexcept {
  if (observed()) record_life(b, sizeof *b, __builtin_frame_address(0));
  const int error = libc.pthread_barrier_destroy(b);
  if (error == 0 && observed()) destroy(b);
  return error;
}

int pthread_barrier_wait(pthread_barrier_t* b) noexcept {
  if (!observed()) return libc.pthread_barrier_wait(b);
  ravel::hooks::refuse_in_controlled_run("a wait at a barrier of the C library (ravel::wait_group is controlled)");
  record_use(b, __builtin_frame_address(0));
  const arrival a = arrive(b, __builtin_frame_address(0));
  const int result = libc.pthread_barrier_wait(b);
  leave(a);
  return result;
}

}  // extern "C"
