// sem_t. A post orders what came before it with what follows the wait that takes its token; tokens have no names, so a waiter learns
// from all posts so far.

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "runtime/hooks/controlled.hpp"

namespace ravel::detector {

using hooks::operation;

namespace {

int taken_if(int failed, const sem_t* s, const void* frame) {
  if (failed != 0 || !observed()) return failed;
  acquire_from(s);
  record_use(s, frame);
  tell_of_success(s);
  return 0;
}

bool has_token(const void* semaphore) {
  int tokens = 0;
  ::sem_getvalue(static_cast<sem_t*>(const_cast<void*>(semaphore)), &tokens);
  return tokens > 0;
}

void refuse_deadline(const sem_t* s) { refuse_to_wait(s, has_token, "a wait with a deadline for a semaphore of the C library"); }

}  // namespace

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

int sem_init(sem_t* s, int shared, unsigned tokens) noexcept {
  if (observed()) {
    record_life(s, sizeof *s, __builtin_frame_address(0));
    forget_clocks(s, sizeof *s);
  }
  return libc.sem_init(s, shared, tokens);
}
int sem_destroy(sem_t* s) noexcept {
  if (observed()) record_life(s, sizeof *s, __builtin_frame_address(0));
  return libc.sem_destroy(s);
}
int sem_post(sem_t* s) noexcept {
  if (observed()) {
    RAVEL_POINT(semaphore_post, writes, s);
    record_use(s, __builtin_frame_address(0));
    merge_into(s, operation::thread_semaphore_post, __builtin_frame_address(0));
  }
  const int failed = libc.sem_post(s);
  tell_of_release(s);
  return failed;
}
int sem_wait(sem_t* s) {
  if (observed()) RAVEL_POINT_WHEN(semaphore_wait, writes, s, semaphore_wait, has_token);
  return taken_if(libc.sem_wait(s), s, __builtin_frame_address(0));
}
int sem_trywait(sem_t* s) noexcept {
  if (observed()) RAVEL_POINT(semaphore_wait, writes, s);
  return taken_if(libc.sem_trywait(s), s, __builtin_frame_address(0));
}
int sem_timedwait(sem_t* s, const timespec* until) {
  refuse_deadline(s);
  return taken_if(libc.sem_timedwait(s, until), s, __builtin_frame_address(0));
}
int sem_clockwait(sem_t* s, clockid_t clock, const timespec* until) {
  refuse_deadline(s);
  return taken_if(libc.sem_clockwait(s, clock, until), s, __builtin_frame_address(0));
}

}  // extern "C"
