#include <ravel/ravel.hpp>

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

using namespace ravel;

void use(int);

void local() {
  int n = 0;
  go([&n] { ++n; });  // expect: dangling-capture
}

void default_capture() {
  int n = 0;
  go([&] { use(n); });  // expect: dangling-capture
}

recv_chan<int> generator() {
  auto c = make_chan<int>();
  go([&] {
    for (int i = 0; i < 3; ++i) c << i;  // expect: dangling-capture
    c.close();
  });
  return c;
}

void loop_variable(wait_group& wg) {
  for (int i = 0; i < 3; ++i) {
    wg.go([&i] { use(i); });  // expect: dangling-capture
  }
  wg.wait();
}

void range_variable(const std::vector<int>& v) {
  wait_group wg;
  for (int x : v) wg.go([&] { use(x); });  // expect: dangling-capture
  wg.wait();
}

void inner_block(wait_group& wg) {
  {
    int n = 1;
    wg.go([&n] { use(n); });  // expect: dangling-capture
  }
  wg.wait();
}

void worker(int& n) { ++n; }

void by_reference_wrapper() {
  int n = 0;
  go(worker, std::ref(n));  // expect: dangling-capture
}

void kept_lambda() {
  int n = 0;
  auto f = [&n] { ++n; };  // expect: dangling-capture
  go(f);
}

void init_capture() {
  int n = 0;
  go([p = &n] { ++*p; });  // expect: dangling-capture
}

void parameter(int n) {
  go([&n] { use(n); });  // expect: dangling-capture
}

void shared_pointer() {
  auto p = std::make_shared<int>(1);
  go([&p] { ++*p; });  // expect: dangling-capture
}

void filled_between(std::vector<int>& v) {
  int n = 0;
  go([&n] { ++n; });  // expect: dangling-capture
  v.push_back(1);
  if (!v.empty()) v[0] = 2;
}

// --- near misses

void waited_for() {
  int n = 0;
  wait_group wg;
  wg.go([&] { ++n; });
  wg.wait();
}

void received_from() {
  int n = 0;
  auto done = make_chan<unit>();
  go([&] {
    ++n;
    done.close();
  });
  done.recv();
}

void by_value() {
  int n = 0;
  go([n] { use(n); });
}

void reference_parameter(int& n) {
  go([&n] { ++n; });
}

int a_static() {
  static int n = 0;
  go([&] { ++n; });
  return 0;
}

void in_each_turn(const std::vector<int>& v) {
  auto done = make_chan<unit>();
  for (int x : v) {
    go([&] {
      use(x);
      done << unit{};
    });
    done.recv();
  }
}

struct joiner {
  wait_group& wg;
  ~joiner() { wg.wait(); }
};

void joined_by_destructor(wait_group& wg) {
  int n = 0;
  joiner j{wg};
  wg.go([&] { ++n; });
}

void deferred_wait() {
  int n = 0;
  wait_group wg;
  RAVEL_DEFER { wg.wait(); };
  wg.go([&] { ++n; });
}

void wait_for_all();

void waits_elsewhere() {
  int n = 0;
  go([&] { ++n; });
  wait_for_all();
}

void never_ends() {
  int n = 0;
  go([&] { ++n; });
  for (;;) sleep_for(std::chrono::seconds(1));
}

void polls() {
  std::atomic<bool> over = false;
  go([&] { over = true; });
  while (!over) yield();
}

void counted_by_a_semaphore(std::counting_semaphore<8>& over) {
  int n = 0;
  go([&n, &over] {
    ++n;
    over.release();
  });
  over.acquire();
}

void polls_a_context(context::context ctx) {
  int n = 0;
  go([&] { ++n; });
  while (!ctx.err()) sleep_for(std::chrono::milliseconds(1));
}

void polls_a_length() {
  int n = 0;
  auto c = make_chan<int>(1);
  go([&] { c << ++n; });
  while (c.len() == 0) sleep_for(std::chrono::milliseconds(1));
}

void polls_by_trying(send_chan<int> c) {
  int n = 0;
  go([&] { ++n; });
  while (!c.try_send(1)) sleep_for(std::chrono::milliseconds(1));
}

void polls_a_flag() {
  std::atomic_flag over;
  int n = 0;
  go([&] {
    ++n;
    over.test_and_set();
  });
  while (!over.test()) sleep_for(std::chrono::milliseconds(1));
}

void polls_a_builtin() {
  int over = 0;
  go([&] { __atomic_store_n(&over, 1, __ATOMIC_RELEASE); });
  while (__atomic_load_n(&over, __ATOMIC_ACQUIRE) == 0) sleep_for(std::chrono::milliseconds(1));
}

void joins_by_an_algorithm(std::vector<std::thread>& threads) {
  int n = 0;
  go([&] { ++n; });
  std::for_each(threads.begin(), threads.end(), std::mem_fn(&std::thread::join));
}

void joins_as_elements_go(std::vector<std::jthread>& threads) {
  int n = 0;
  go([&] { ++n; });
  threads.clear();
}

void joins_by_c(pthread_t t) {
  int n = 0;
  go([&] { ++n; });
  pthread_join(t, nullptr);
}

void guarded_by_a_deleter() {
  int n = 0;
  wait_group wg;
  const std::shared_ptr<void> guard(nullptr, [&](void*) { wg.wait(); });
  wg.go([&] { ++n; });
}

void guarded_by_a_unique_deleter() {
  int n = 0;
  wait_group wg;
  auto wait = [&](int*) { wg.wait(); };
  const std::unique_ptr<int, decltype(wait)> guard(&n, wait);
  wg.go([&] { ++n; });
}

std::shared_ptr<int> waiter(wait_group& wg);

void guarded_by_what_is_not_seen(wait_group& wg) {
  int n = 0;
  const std::shared_ptr<int> guard = waiter(wg);
  wg.go([&] { ++n; });
}

void ends_by_no_break(int kind) {
  int n = 0;
  go([&] { ++n; });
  for (;;) {
    switch (kind) {
      case 1: break;
      default: sleep_for(std::chrono::seconds(1));
    }
  }
}

void own_variable() {
  go([] {
    int n = 0;
    auto f = [&n] { ++n; };
    f();
  });
}

int main() {
  int n = 0;
  go([&] { ++n; });  // main's frame lives as long as the process
}
