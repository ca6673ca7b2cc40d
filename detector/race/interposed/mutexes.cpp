// pthread_mutex_t, and so std::mutex, std::timed_mutex and the recursive ones; spin locks; the lock of a FILE.
//
// An edge from each unlock to the next lock: the clock is published before the unlock is done, and read once the lock is held.

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "runtime/hooks/controlled.hpp"
#include "runtime/hooks/order.hpp"

namespace ravel::detector {

using hooks::operation;

namespace {

// Also when the previous owner died with a robust mutex: the caller holds it then.
int locked_if(int error, const void* mutex, operation op, const void* frame) {
  if ((error == 0 || error == EOWNERDEAD) && observed()) {
    hooks::took(hooks::op::thread_lock, mutex);
    exclusive_lock_taken(mutex, op, frame);
    tell_of_success(mutex);
  }
  return error;
}

// In a controlled run all goroutines share one thread: who has to wait lets the others go on, and the thread never sleeps here.
bool is_free_spin_lock(const void* lock) {
  auto* s = static_cast<pthread_spinlock_t*>(const_cast<void*>(lock));
  if (libc.pthread_spin_trylock(s) != 0) return false;
  libc.pthread_spin_unlock(s);
  return true;
}

bool is_free(const void* mutex) {
  auto* m = static_cast<pthread_mutex_t*>(const_cast<void*>(mutex));
  const int error = libc.pthread_mutex_trylock(m);
  if (error == 0) libc.pthread_mutex_unlock(m);
  return error != EBUSY;
}

[[gnu::noinline]] void wait_for_turn(pthread_mutex_t* m, const void* frame, const void* place) {
  if (!in_schedule()) return;
  // The library would take the thread's other goroutines for its owner.
  if ((m->__data.__kind & 3) == PTHREAD_MUTEX_RECURSIVE_NP) hooks::refuse_in_controlled_run("a recursive mutex of the C or C++ library");
  hooks::detail::point({hooks::op::thread_lock, hooks::touch::writes, 0, m, nullptr, reinterpret_cast<std::uintptr_t>(frame),
                        reinterpret_cast<std::uintptr_t>(place)},
                       is_free, hooks::wait_reason::mutex_lock);
}

void refuse_deadline(const pthread_mutex_t* m) { refuse_to_wait(m, is_free, "a wait with a deadline for a mutex of the C or C++ library"); }

void begins_life(const void* lock, std::size_t size, const void* frame) {
  if (!observed()) return;
  record_life(lock, size, frame);
  forget_clocks(lock, size);
}

}  // namespace

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

int pthread_mutex_init(pthread_mutex_t* m, const pthread_mutexattr_t* attributes) noexcept {
  begins_life(m, sizeof *m, __builtin_frame_address(0));
  return libc.pthread_mutex_init(m, attributes);
}
int pthread_mutex_destroy(pthread_mutex_t* m) noexcept {
  if (observed()) record_life(m, sizeof *m, __builtin_frame_address(0));
  return libc.pthread_mutex_destroy(m);
}
int pthread_mutex_lock(pthread_mutex_t* m) noexcept {
  if (ravel::hooks::maybe_controlled()) wait_for_turn(m, __builtin_frame_address(0), __builtin_return_address(0));
  return locked_if(libc.pthread_mutex_lock(m), m, operation::thread_mutex_lock, __builtin_frame_address(0));
}
int pthread_mutex_trylock(pthread_mutex_t* m) noexcept {
  if (observed()) RAVEL_POINT(thread_try_lock, writes, m);
  return locked_if(libc.pthread_mutex_trylock(m), m, operation::thread_mutex_lock, __builtin_frame_address(0));
}
int pthread_mutex_timedlock(pthread_mutex_t* m, const timespec* until) noexcept {
  refuse_deadline(m);
  return locked_if(libc.pthread_mutex_timedlock(m, until), m, operation::thread_mutex_lock, __builtin_frame_address(0));
}
int pthread_mutex_clocklock(pthread_mutex_t* m, clockid_t clock, const timespec* until) noexcept {
  refuse_deadline(m);
  return locked_if(libc.pthread_mutex_clocklock(m, clock, until), m, operation::thread_mutex_lock, __builtin_frame_address(0));
}
int pthread_mutex_unlock(pthread_mutex_t* m) noexcept {
  if (observed()) {
    RAVEL_POINT(thread_unlock, writes, m);
    ravel::hooks::took(ravel::hooks::op::thread_unlock, m);
    exclusive_lock_ends(m, operation::thread_mutex_unlock, __builtin_frame_address(0));
  }
  const int error = libc.pthread_mutex_unlock(m);
  tell_of_release(m);
  return error;
}

int pthread_spin_init(pthread_spinlock_t* s, int shared) noexcept {
  begins_life(const_cast<int*>(s), sizeof *s, __builtin_frame_address(0));
  return libc.pthread_spin_init(s, shared);
}
int pthread_spin_destroy(pthread_spinlock_t* s) noexcept {
  if (observed()) record_life(const_cast<int*>(s), sizeof *s, __builtin_frame_address(0));
  return libc.pthread_spin_destroy(s);
}
int pthread_spin_lock(pthread_spinlock_t* s) noexcept {
  if (observed()) RAVEL_POINT_WHEN(thread_lock, writes, const_cast<int*>(s), mutex_lock, is_free_spin_lock);
  return locked_if(libc.pthread_spin_lock(s), const_cast<int*>(s), operation::thread_spin_lock, __builtin_frame_address(0));
}
int pthread_spin_trylock(pthread_spinlock_t* s) noexcept {
  if (observed()) RAVEL_POINT(thread_try_lock, writes, const_cast<int*>(s));
  return locked_if(libc.pthread_spin_trylock(s), const_cast<int*>(s), operation::thread_spin_lock, __builtin_frame_address(0));
}
int pthread_spin_unlock(pthread_spinlock_t* s) noexcept {
  if (observed()) {
    RAVEL_POINT(thread_unlock, writes, const_cast<int*>(s));
    exclusive_lock_ends(const_cast<int*>(s), operation::thread_spin_unlock, __builtin_frame_address(0));
  }
  const int error = libc.pthread_spin_unlock(s);
  tell_of_release(const_cast<int*>(s));
  return error;
}

// A FILE's lock, when the program takes it itself. What stdio does under it within the library needs no edges.
void flockfile(FILE* f) noexcept {
  libc.flockfile(f);
  locked_if(0, f, operation::thread_mutex_lock, __builtin_frame_address(0));
}
int ftrylockfile(FILE* f) noexcept {
  return locked_if(libc.ftrylockfile(f), f, operation::thread_mutex_lock, __builtin_frame_address(0));
}
void funlockfile(FILE* f) noexcept {
  if (observed()) exclusive_lock_ends(f, operation::thread_mutex_unlock, __builtin_frame_address(0));
  libc.funlockfile(f);
}

}  // extern "C"
