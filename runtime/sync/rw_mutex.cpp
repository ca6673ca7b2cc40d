#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/fatal.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

using namespace detail;

// Invariants: writing_ implies reading_ == 0. New readers wait while a writer holds or waits; an unlocking writer lets in the readers that
// waited, before the next writer; so neither side starves.

namespace {
void write_owned([[maybe_unused]] const void* m, [[maybe_unused]] clock_storage& writers, [[maybe_unused]] clock_storage& readers) {
  if constexpr (hooks::enabled) {
    auto& g = sched::current();
    hooks::sink().acquire(g, as_object(writers), hooks::operation::rw_mutex_lock);
    hooks::sink().acquire(g, as_object(readers), hooks::operation::rw_mutex_lock);
    hooks::sink().forget(as_object(readers));
    hooks::sink().lock_acquired(g, m, hooks::lock_mode::exclusive, hooks::operation::rw_mutex_lock);
  }
}
void read_owned([[maybe_unused]] const void* m, [[maybe_unused]] clock_storage& writers) {
  if constexpr (hooks::enabled) {
    auto& g = sched::current();
    hooks::sink().acquire(g, as_object(writers), hooks::operation::rw_mutex_rlock);
    hooks::sink().lock_acquired(g, m, hooks::lock_mode::shared, hooks::operation::rw_mutex_rlock);
  }
}
}  // namespace

rw_mutex::~rw_mutex() {
  hooks::destroyed(as_object(writers_clock_));
  hooks::destroyed(as_object(readers_clock_));
}

void rw_mutex::lock() {
  as_lock(guard_).lock();
  if (!writing_ && reading_ == 0) {
    writing_ = true;
    as_lock(guard_).unlock();
  } else {
    wait_in(waiting_writers_, guard_, hooks::wait_reason::rw_mutex_lock, this);
  }
  write_owned(this, writers_clock_, readers_clock_);
}

bool rw_mutex::try_lock() {
  as_lock(guard_).lock();
  const bool got = !writing_ && reading_ == 0;
  if (got) writing_ = true;
  as_lock(guard_).unlock();
  if (got) write_owned(this, writers_clock_, readers_clock_);
  return got;
}

void rw_mutex::unlock() {
  as_lock(guard_).lock();
  if (!writing_) {
    as_lock(guard_).unlock();
    sched::fatal("sync: Unlock of unlocked RWMutex");
  }
  if constexpr (hooks::enabled) {
    hooks::sink().lock_released(sched::current(), this, hooks::lock_mode::exclusive);
    hooks::sink().release(sched::current(), as_object(writers_clock_), hooks::operation::rw_mutex_unlock);
  }
  wait_list let_in;
  writing_ = false;
  if (waiting_readers_.first != nullptr) {
    while (waiter* r = pop_front(waiting_readers_)) {
      ++reading_;
      push_back(let_in, *r);
    }
  } else if (waiter* w = pop_front(waiting_writers_)) {
    writing_ = true;
    push_back(let_in, *w);
  }
  as_lock(guard_).unlock();
  while (waiter* w = pop_front(let_in)) sched::ready(*w->g);
}

void rw_mutex::lock_shared() {
  as_lock(guard_).lock();
  if (!writing_ && waiting_writers_.first == nullptr) {
    ++reading_;
    as_lock(guard_).unlock();
  } else {
    wait_in(waiting_readers_, guard_, hooks::wait_reason::rw_mutex_rlock, this);
  }
  read_owned(this, writers_clock_);
}

bool rw_mutex::try_lock_shared() {
  as_lock(guard_).lock();
  const bool got = !writing_ && waiting_writers_.first == nullptr;
  if (got) ++reading_;
  as_lock(guard_).unlock();
  if (got) read_owned(this, writers_clock_);
  return got;
}

void rw_mutex::unlock_shared() {
  as_lock(guard_).lock();
  if (reading_ == 0) {
    as_lock(guard_).unlock();
    sched::fatal("sync: RUnlock of unlocked RWMutex");
  }
  if constexpr (hooks::enabled) {
    hooks::sink().lock_released(sched::current(), this, hooks::lock_mode::shared);
    hooks::sink().release_merge(sched::current(), as_object(readers_clock_), hooks::operation::rw_mutex_runlock);
  }
  waiter* next = nullptr;
  if (--reading_ == 0) {
    next = pop_front(waiting_writers_);
    writing_ = next != nullptr;
  }
  as_lock(guard_).unlock();
  if (next != nullptr) sched::ready(*next->g);
}

} }
