// mtx_t of <threads.h>. Same as a pthread_mutex_t, under other names and results.

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"

namespace ravel::detector {

using hooks::operation;

namespace {

int locked_if(int result, const mtx_t* m, const void* frame) {
  if (result == thrd_success && observed()) exclusive_lock_taken(m, operation::thread_mutex_lock, frame);
  return result;
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
int mtx_lock(mtx_t* m) { return locked_if(libc.mtx_lock(m), m, __builtin_frame_address(0)); }
int mtx_trylock(mtx_t* m) { return locked_if(libc.mtx_trylock(m), m, __builtin_frame_address(0)); }
int mtx_timedlock(mtx_t* m, const timespec* until) { return locked_if(libc.mtx_timedlock(m, until), m, __builtin_frame_address(0)); }
int mtx_unlock(mtx_t* m) {
  if (observed()) exclusive_lock_ends(m, operation::thread_mutex_unlock, __builtin_frame_address(0));
  return libc.mtx_unlock(m);
}

}  // extern "C"
