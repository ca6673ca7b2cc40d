#include <ravel/ravel.hpp>

#include <cstring>
#include <memory>
#include <mutex>

using namespace ravel;

struct account {
  mutex m;
  int balance = 0;
};

void locks_its_own(mutex m) {  // expect: copied-lock
  const std::lock_guard hold(m);
}

void waits_for_its_own() {
  auto f = [](wait_group wg) { wg.wait(); };  // expect: copied-lock
  f(wait_group{});
}

void as_bytes(account& to, const account& from) {
  std::memcpy(static_cast<void*>(&to), &from, sizeof to);  // expect: copied-lock
}

// --- near misses

void by_reference(mutex& m) { const std::lock_guard hold(m); }
void by_pointer(wait_group* wg) { wg->wait(); }
void shared(std::shared_ptr<mutex> m) { const std::lock_guard hold(*m); }
void channel(chan<int> c) { c.close(); }
void bytes(int& to, const int& from) { std::memcpy(&to, &from, sizeof to); }
