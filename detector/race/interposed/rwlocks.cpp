// pthread_rwlock_t, and so std::shared_mutex.
//
// Two clocks: what writers published, at the lock's address, and what readers did, in the next granule. Readers learn from writers only,
// a writer from both; a reader never learns from a reader.

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "runtime/hooks/controlled.hpp"
#include "runtime/hooks/order.hpp"

namespace ravel::detector {

using hooks::lock_mode;
using hooks::operation;

namespace {

const void* written(const pthread_rwlock_t* l) { return l; }
const void* read(const pthread_rwlock_t* l) { return reinterpret_cast<const char*>(l) + 8; }

// In a controlled run all goroutines share one thread: who has to wait lets the others go on, and the thread never sleeps here.
bool is_readable(const void* lock) {
  auto* l = static_cast<pthread_rwlock_t*>(const_cast<void*>(lock));
  const int error = libc.pthread_rwlock_tryrdlock(l);
  if (error == 0) libc.pthread_rwlock_unlock(l);
  return error != EBUSY;
}
bool is_free(const void* lock) {
  auto* l = static_cast<pthread_rwlock_t*>(const_cast<void*>(lock));
  const int error = libc.pthread_rwlock_trywrlock(l);
  if (error == 0) libc.pthread_rwlock_unlock(l);
  return error != EBUSY;
}

[[gnu::noinline]] void wait_for_turn(const pthread_rwlock_t* l, bool (*possible)(const void*), const void* frame, const void* place) {
  if (!in_schedule()) return;
  const bool reads = possible == is_readable;
  hooks::detail::point({reads ? hooks::op::rw_rlock : hooks::op::rw_lock, hooks::touch::writes, 0, l, nullptr,
                        reinterpret_cast<std::uintptr_t>(frame), reinterpret_cast<std::uintptr_t>(place)},
                       possible, reads ? hooks::wait_reason::rw_mutex_rlock : hooks::wait_reason::rw_mutex_lock);
}

void refuse_deadline(const pthread_rwlock_t* l, bool (*possible)(const void*)) {
  refuse_to_wait(l, possible, "a wait with a deadline for a read-write lock of the C or C++ library");
}

int read_locked_if(int error, const pthread_rwlock_t* l, const void* frame) {
  if (error != 0 || !observed()) return error;
  hooks::took(hooks::op::rw_rlock, l);
  acquire_from(written(l));
  lock_taken(l, lock_mode::shared, operation::thread_rwlock_rlock, frame);
  record_use(l, frame);
  tell_of_success(l);
  return 0;
}

int write_locked_if(int error, const pthread_rwlock_t* l, const void* frame) {
  if (error != 0 || !observed()) return error;
  hooks::took(hooks::op::rw_lock, l);
  acquire_from(written(l));
  acquire_from(read(l));
  forget_clocks(read(l), 8);  // whoever comes later learns of those readers from this writer
  lock_taken(l, lock_mode::exclusive, operation::thread_rwlock_lock, frame);
  record_use(l, frame);
  tell_of_success(l);
  return 0;
}

void unlocks(const pthread_rwlock_t* l, const void* frame) {
  hooks::took(hooks::op::rw_unlock, l);
  switch (how_held(l)) {
    case held::exclusively: release_to(written(l), operation::thread_rwlock_unlock, frame); break;
    case held::shared: merge_into(read(l), operation::thread_rwlock_runlock, frame); break;
    case held::no:  // locked by another goroutine, in a way not known here
      merge_into(written(l), operation::thread_rwlock_unlock, frame);
      merge_into(read(l), operation::thread_rwlock_unlock, frame);
      break;
  }
  lock_given_back(l);
}

}  // namespace

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

int pthread_rwlock_init(pthread_rwlock_t* l, const pthread_rwlockattr_t* attributes) noexcept {
  if (observed()) {
    record_life(l, sizeof *l, __builtin_frame_address(0));
    forget_clocks(l, sizeof *l);
  }
  return libc.pthread_rwlock_init(l, attributes);
}
int pthread_rwlock_destroy(pthread_rwlock_t* l) noexcept {
  if (observed()) record_life(l, sizeof *l, __builtin_frame_address(0));
  return libc.pthread_rwlock_destroy(l);
}

int pthread_rwlock_rdlock(pthread_rwlock_t* l) noexcept {
  if (ravel::hooks::maybe_controlled()) wait_for_turn(l, is_readable, __builtin_frame_address(0), __builtin_return_address(0));
  return read_locked_if(libc.pthread_rwlock_rdlock(l), l, __builtin_frame_address(0));
}
int pthread_rwlock_tryrdlock(pthread_rwlock_t* l) noexcept {
  if (observed()) RAVEL_POINT(rw_try_rlock, writes, l);
  return read_locked_if(libc.pthread_rwlock_tryrdlock(l), l, __builtin_frame_address(0));
}
int pthread_rwlock_timedrdlock(pthread_rwlock_t* l, const timespec* until) noexcept {
  refuse_deadline(l, is_readable);
  return read_locked_if(libc.pthread_rwlock_timedrdlock(l, until), l, __builtin_frame_address(0));
}
int pthread_rwlock_clockrdlock(pthread_rwlock_t* l, clockid_t clock, const timespec* until) noexcept {
  refuse_deadline(l, is_readable);
  return read_locked_if(libc.pthread_rwlock_clockrdlock(l, clock, until), l, __builtin_frame_address(0));
}

int pthread_rwlock_wrlock(pthread_rwlock_t* l) noexcept {
  if (ravel::hooks::maybe_controlled()) wait_for_turn(l, is_free, __builtin_frame_address(0), __builtin_return_address(0));
  return write_locked_if(libc.pthread_rwlock_wrlock(l), l, __builtin_frame_address(0));
}
int pthread_rwlock_trywrlock(pthread_rwlock_t* l) noexcept {
  if (observed()) RAVEL_POINT(rw_try_lock, writes, l);
  return write_locked_if(libc.pthread_rwlock_trywrlock(l), l, __builtin_frame_address(0));
}
int pthread_rwlock_timedwrlock(pthread_rwlock_t* l, const timespec* until) noexcept {
  refuse_deadline(l, is_free);
  return write_locked_if(libc.pthread_rwlock_timedwrlock(l, until), l, __builtin_frame_address(0));
}
int pthread_rwlock_clockwrlock(pthread_rwlock_t* l, clockid_t clock, const timespec* until) noexcept {
  refuse_deadline(l, is_free);
  return write_locked_if(libc.pthread_rwlock_clockwrlock(l, clock, until), l, __builtin_frame_address(0));
}

int pthread_rwlock_unlock(pthread_rwlock_t* l) noexcept {
  if (observed()) unlocks(l, __builtin_frame_address(0));
  const int error = libc.pthread_rwlock_unlock(l);
  tell_of_release(l);
  return error;
}

}  // extern "C"
