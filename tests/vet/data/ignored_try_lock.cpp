#include <ravel/ravel.hpp>

using namespace ravel;

void work();

struct cache {
  mutex m;
  rw_mutex readers;

  void ignored() {
    m.try_lock();  // expect: ignored-try-lock
    work();
    m.unlock();
  }
  void ignored_for_reading(bool on) {
    if (on) readers.try_lock_shared();  // expect: ignored-try-lock
    work();
  }

  // --- near misses

  void asked() {
    if (!m.try_lock()) return;
    work();
    m.unlock();
  }
  bool handed_on() { return readers.try_lock(); }
  void kept() {
    const bool mine = m.try_lock();
    work();
    if (mine) m.unlock();
  }
  void meant() { (void)m.try_lock(); }
};
