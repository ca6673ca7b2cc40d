#include <ravel/ravel.hpp>

#include <functional>
#include <mutex>
#include <stdexcept>
#include <vector>

using namespace ravel;

struct node_lock {
  mutex m;
};

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

  int after_one_early_exit(int n) {
    m_.lock();  // expect: lock-not-released
    if (n < 0) {
      m_.unlock();
      return -1;
    }
    if (n == 0) return -2;
    balance_ += n;
    m_.unlock();
    return 0;
  }

  // --- near misses

  bool for_the_caller() {
    m_.lock();
    if (balance_ == 0) {
      m_.unlock();
      return false;
    }
    return true;
  }

  int* locked_balance() {
    m_.lock();
    if (balance_ == 0) {
      m_.unlock();
      return nullptr;
    }
    return &balance_;
  }

  void for_the_caller_or_throws() {
    m_.lock();
    if (balance_ != 0) return;
    m_.unlock();
    throw std::logic_error("empty");
  }

  void for_the_caller_when_ready() {
    m_.lock();
    while (balance_ == 0) {
      m_.unlock();
      yield();
      m_.lock();
    }
  }

  void tells_by_a_member() {
    m_.lock();
    if (balance_ == 0) {
      m_.unlock();
      return;
    }
    held_ = true;
  }

  int by_free_function(int n);
  int by_guard_of_the_owner(int n);

  int by_a_lambda_before(int n) {
    const auto leave = [this] { m_.unlock(); };
    m_.lock();
    if (n < 0) {
      leave();
      return -1;
    }
    m_.unlock();
    return 0;
  }

  int by_pointer(int n) {
    mutex* p = &m_;
    m_.lock();
    if (n < 0) {
      p->unlock();
      return -1;
    }
    m_.unlock();
    return 0;
  }

  int by_reference_to_itself(int n) {
    account& self = *this;
    m_.lock();
    if (n < 0) {
      self.m_.unlock();
      return -1;
    }
    m_.unlock();
    return 0;
  }

  int by_a_function_object(const std::function<void()>& leave, int n) {
    m_.lock();
    if (n < 0) {
      leave();
      return -1;
    }
    m_.unlock();
    return 0;
  }

  void by_compared_flag(int wanted) {
    int held = 1;
    m_.lock();
    if (wanted == 3) {
      m_.unlock();
      held = 0;
    }
    work();
    if (held == 1) m_.unlock();
  }

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
  bool held_ = false;

  friend void leave(account& a);
  friend struct leaver;
};

void leave(account& a) { a.m_.unlock(); }

struct leaver {
  account& a;
  ~leaver() { a.m_.unlock(); }
};

int account::by_free_function(int n) {
  m_.lock();
  if (n < 0) {
    leave(*this);
    return -1;
  }
  m_.unlock();
  return 0;
}

int account::by_guard_of_the_owner(int n) {
  m_.lock();
  if (n < 0) {
    const leaver l{*this};
    return -1;
  }
  m_.unlock();
  return 0;
}

// Two names of one lock.
int two_names(std::vector<node_lock>& locks, std::size_t i, int n) {
  mutex& a = locks.at(i).m;
  mutex& b = locks.at(i).m;
  a.lock();
  if (n < 0) {
    b.unlock();
    return -1;
  }
  a.unlock();
  return 0;
}

struct node {
  mutex m;
  node* next = nullptr;
  int key = 0;
};

void hand_over_hand(node* at, int key) {
  at->m.lock();
  while (at->next != nullptr && at->key != key) {
    node* next = at->next;
    next->m.lock();
    at->m.unlock();
    at = next;
  }
  at->m.unlock();
}

void instances() {
  account a;
  a.early_return(1);
}
