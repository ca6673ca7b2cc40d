#include <ravel/ravel.hpp>

using namespace ravel;

void work();

struct account {
  mutex m;
  rw_mutex readers;

  void deferred_twice() {
    m.lock();
    RAVEL_DEFER { m.lock(); };  // expect: deferred-lock
    work();
  }
  void deferred_twice_for_reading() {
    readers.lock_shared();
    RAVEL_DEFER { readers.lock_shared(); };  // expect: deferred-lock
    work();
  }

  // --- near misses

  void deferred() {
    m.lock();
    RAVEL_DEFER { m.unlock(); };
    work();
  }
  void another(mutex& other) {
    other.lock();
    RAVEL_DEFER { m.lock(); };
    work();
  }
  // The caller holds it, and gets it back.
  void without_it() {
    m.unlock();
    RAVEL_DEFER { m.lock(); };
    work();
  }
  void held_at_the_end() {
    m.lock();
    RAVEL_DEFER { m.lock(); };
    work();
    m.unlock();
  }
};
