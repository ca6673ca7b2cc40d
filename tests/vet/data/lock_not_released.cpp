#include <ravel/ravel.hpp>

#include <mutex>
#include <stdexcept>

using namespace ravel;

void work();
bool failed();

class account {
 public:
  int early_return(int n) {
    m_.lock();  // expect: lock-not-released
    if (n < 0) return -1;
    balance_ += n;
    m_.unlock();
    return balance_;
  }

  void next_turn(int n) {
    for (int i = 0; i < n; ++i) {
      m_.lock();  // expect: lock-not-released
      if (i == 2) continue;
      m_.unlock();
    }
  }

  int shared(int n) {
    rw_.lock_shared();  // expect: lock-not-released
    if (n == 0) return 0;
    const int b = balance_;
    rw_.unlock_shared();
    return b;
  }

  // --- near misses

  int both_ways(int n) {
    m_.lock();
    if (n < 0) {
      m_.unlock();
      return -1;
    }
    balance_ += n;
    m_.unlock();
    return 0;
  }

  int deferred(int n) {
    m_.lock();
    RAVEL_DEFER { m_.unlock(); };
    if (n < 0) return -1;
    return balance_;
  }

  int adopted(int n) {
    m_.lock();
    const std::lock_guard hold(m_, std::adopt_lock);
    if (n < 0) return -1;
    return balance_;
  }

  void by_flag(bool wanted) {
    m_.lock();
    bool held = true;
    if (wanted) {
      m_.unlock();
      held = false;
    }
    work();
    if (held) m_.unlock();
  }

  void under_one_condition(bool wanted) {
    if (wanted) m_.lock();
    work();
    if (wanted) m_.unlock();
  }

  int by_helper(int n) {
    m_.lock();
    if (n < 0) return give_back();
    m_.unlock();
    return 0;
  }

  void throws(int n) {
    m_.lock();
    if (n < 0) throw std::logic_error("negative");
    m_.unlock();
  }

  void wait_in_turns() {
    m_.lock();
    while (failed()) {
      m_.unlock();
      yield();
      m_.lock();
    }
    m_.unlock();
  }

  void lock() { m_.lock(); }
  void unlock() { m_.unlock(); }

 private:
  int give_back() {
    m_.unlock();
    return -1;
  }

  mutex m_;
  rw_mutex rw_;
  int balance_ = 0;
};

void instances() {
  account a;
  a.early_return(1);
}
