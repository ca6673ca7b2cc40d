// mtx_t of <threads.h>. Same as a pthread_mutex_t, under other names and results.

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "runtime/hooks/controlled.hpp"

namespace ravel::detector {

using hooks::operation;

namespace {

int locked_if(int result, const mtx_t* m, const void* frame) {
  if (result == thrd_success && observed()) {
    exclusive_lock_taken(m, operation::thread_mutex_lock, frame);
    tell_of_success(m);
  }
  return result;
}

bool is_free(const void* mutex) {
  auto* m = static_cast<mtx_t*>(const_cast<void*>(mutex));
  const int result = libc.mtx_trylock(m);
  if (result == thrd_success) libc.mtx_unlock(m);
  return result != thrd_busy;
}

// The kind is where a pthread_mutex_t has it. The library would take the thread's other goroutines for a recursive mutex's owner.
void refuse_recursive(mtx_t* m) {
  if (!in_schedule()) return;
  if ((reinterpret_cast<pthread_mutex_t*>(m)->__data.__kind & 3) == PTHREAD_MUTEX_RECURSIVE_NP) {
    hooks::refuse_in_controlled_run("a recursive mutex of the C or C++ library");
  }
}

}  // namespace

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

int mtx_init(mtx_t* m, int kind) {
  if (observed()) {
    record_life(m, sizeof *m, __builtin_frame_address(0));
    forget_clocks(m, sizeof *m);
  }
  return libc.mtx_init(m, kind);
}
void mtx_destroy(mtx_t* m) {
  if (observed()) record_life(m, sizeof *m, __builtin_frame_address(0));
  libc.mtx_destroy(m);
}
int mtx_lock(mtx_t* m) {
  refuse_recursive(m);
  if (observed()) RAVEL_POINT_WHEN(thread_lock, writes, m, mutex_lock, is_free);
  return locked_if(libc.mtx_lock(m), m, __builtin_frame_address(0));
}
int mtx_trylock(mtx_t* m) {
  refuse_recursive(m);
  if (observed()) RAVEL_POINT(thread_try_lock, writes, m);
  return locked_if(libc.mtx_trylock(m), m, __builtin_frame_address(0));
}
int mtx_timedlock(mtx_t* m, const timespec* until) {
  refuse_to_wait(m, is_free, "a wait with a deadline for a mutex of the C library");
  return locked_if(libc.mtx_timedlock(m, until), m, __builtin_frame_address(0));
}
int mtx_unlock(mtx_t* m) {
  if (observed()) {
    RAVEL_POINT(thread_unlock, writes, m);
    exclusive_lock_ends(m, operation::thread_mutex_unlock, __builtin_frame_address(0));
  }
  const int result = libc.mtx_unlock(m);
  tell_of_release(m);
  return result;
}

}  // extern "C"
