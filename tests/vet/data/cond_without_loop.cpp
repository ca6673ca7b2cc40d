#include <ravel/ravel.hpp>

#include <mutex>

using namespace ravel;

struct box {
  mutex m;
  cond filled{m};
  bool full = false;

  void take() {
    const std::lock_guard hold(m);
    if (!full) filled.wait();  // expect: cond-without-loop
    full = false;
  }

  void take_in_block() {
    const std::lock_guard hold(m);
    if (!full) {
      filled.wait();  // expect: cond-without-loop
    }
    full = false;
  }

  // --- near misses

  void take_in_loop() {
    const std::lock_guard hold(m);
    while (!full) filled.wait();
    full = false;
  }

  void take_by_condition() {
    const std::lock_guard hold(m);
    filled.wait([this] { return full; });
    full = false;
  }

  void looks_again() {
    const std::lock_guard hold(m);
    for (;;) {
      if (full) break;
      if (!full) filled.wait();
    }
  }

  void chooses(bool wanted) {
    const std::lock_guard hold(m);
    if (wanted) filled.wait();
    full = false;
  }

  void waits_last() {
    m.lock();
    if (!full) filled.wait();
    m.unlock();
  }

  // The caller's loop.
  void wait() { filled.wait(); }
};
