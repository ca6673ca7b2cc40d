// Condition variables: pthread_cond_t, cnd_t, and so std::condition_variable.
//
// A wait unlocks the mutex and locks it again: those are the edges that a right program relies on. Beyond them a signal orders what came
// before it with the return of the waits it ends. Which those are the C library does not say; a waiter learns from all signals until it
// woke, so some orders are assumed that no signal made (detector/race/README.md, "What is not seen").

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "runtime/hooks/controlled.hpp"

namespace ravel::detector {

using hooks::operation;

namespace {

// The mutex is given up while one lives. A destructor, since cancelling the thread unwinds from within the wait, with the mutex locked.
class given_up_mutex {
 public:
  given_up_mutex(const void* condition, const void* mutex, const void* frame) : mutex_(observed() ? mutex : nullptr), frame_(frame) {
    if (mutex_ == nullptr) return;
    record_use(condition, frame);
    exclusive_lock_ends(mutex, operation::thread_mutex_unlock, frame);
  }
  ~given_up_mutex() {
    if (mutex_ != nullptr) exclusive_lock_taken(mutex_, operation::thread_mutex_lock, frame_);
  }
  given_up_mutex(const given_up_mutex&) = delete;
  given_up_mutex& operator=(const given_up_mutex&) = delete;

 private:
  const void* mutex_;
  const void* frame_;
};

template <class Wait>
int wait_with(const void* condition, const void* mutex, const void* frame, Wait wait) {
  if (observed()) hooks::refuse_in_controlled_run("a wait for a condition variable of the C or C++ library (ravel::cond is controlled)");
  int result = 0;
  {
    const given_up_mutex given_up(condition, mutex, frame);
    result = wait();
  }
  // A wait that timed out may have been signalled too late to be told.
  if (observed()) acquire_from(condition);
  return result;
}

void signals(const void* condition, const void* frame) {
  if (!observed()) return;
  record_use(condition, frame);
  merge_into(condition, operation::thread_cond_signal, frame);
}

void begins_life(const void* condition, std::size_t size, const void* frame) {
  if (!observed()) return;
  record_life(condition, size, frame);
  forget_clocks(condition, size);
}

}  // namespace

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

int pthread_cond_init(pthread_cond_t* c, const pthread_condattr_t* attributes) noexcept {
  begins_life(c, sizeof *c, __builtin_frame_address(0));
  return libc.pthread_cond_init(c, attributes);
}
int pthread_cond_destroy(pthread_cond_t* c) noexcept {
  if (observed()) record_life(c, sizeof *c, __builtin_frame_address(0));
  return libc.pthread_cond_destroy(c);
}
int pthread_cond_wait(pthread_cond_t* c, pthread_mutex_t* m) {
  return wait_with(c, m, __builtin_frame_address(0), [=] { return libc.pthread_cond_wait(c, m); });
}
int pthread_cond_timedwait(pthread_cond_t* c, pthread_mutex_t* m, const timespec* until) {
  return wait_with(c, m, __builtin_frame_address(0), [=] { return libc.pthread_cond_timedwait(c, m, until); });
}
int pthread_cond_clockwait(pthread_cond_t* c, pthread_mutex_t* m, clockid_t clock, const timespec* until) {
  return wait_with(c, m, __builtin_frame_address(0), [=] { return libc.pthread_cond_clockwait(c, m, clock, until); });
}
int pthread_cond_signal(pthread_cond_t* c) noexcept {
  signals(c, __builtin_frame_address(0));
  return libc.pthread_cond_signal(c);
}
int pthread_cond_broadcast(pthread_cond_t* c) noexcept {
  signals(c, __builtin_frame_address(0));
  return libc.pthread_cond_broadcast(c);
}

int cnd_init(cnd_t* c) {
  begins_life(c, sizeof *c, __builtin_frame_address(0));
  return libc.cnd_init(c);
}
void cnd_destroy(cnd_t* c) {
  if (observed()) record_life(c, sizeof *c, __builtin_frame_address(0));
  libc.cnd_destroy(c);
}
int cnd_wait(cnd_t* c, mtx_t* m) {
  return wait_with(c, m, __builtin_frame_address(0), [=] { return libc.cnd_wait(c, m); });
}
int cnd_timedwait(cnd_t* c, mtx_t* m, const timespec* until) {
  return wait_with(c, m, __builtin_frame_address(0), [=] { return libc.cnd_timedwait(c, m, until); });
}
int cnd_signal(cnd_t* c) {
  signals(c, __builtin_frame_address(0));
  return libc.cnd_signal(c);
}
int cnd_broadcast(cnd_t* c) {
  signals(c, __builtin_frame_address(0));
  return libc.cnd_broadcast(c);
}

}  // extern "C"
