// Programs whose race shows in some runs only. `unlucky WHAT`; each does in parallel what WHAT says.

#include <ravel/ravel.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <thread>

using namespace ravel;
using namespace std::chrono_literals;

namespace {

int data = 0;

// The runtime's own choice among ready cases decides, whatever the machine does: the race shows in one run of eight.
void chances() {
  auto left = make_chan<int>(3), right = make_chan<int>(3);
  for (int i = 0; i < 3; ++i) left << i, right << i;
  int lefts = 0;
  for (int i = 0; i < 3; ++i) select(on_recv(left, [&](std::optional<int>) { ++lefts; }), on_recv(right, [](std::optional<int>) {}));
  wait_group both;
  mutex m;
  for (int i = 0; i < 2; ++i) {
    both.go([&] {
      if (lefts == 3) {
        ++data;
      } else {
        const std::lock_guard hold(m);
        ++data;
      }
    });
  }
  both.wait();
}

// Who comes to the last lock first decides; likewise below.
void locks() {
  mutex m;
  rw_mutex r;
  bool ready = false;
  wait_group both;
  both.go([&] {
    for (int i = 0; i < 60; ++i) {
      if (m.try_lock()) m.unlock();
      const std::shared_lock hold(r);
    }
    data = 1;
    const std::lock_guard hold(m);
    ready = true;
  });
  both.go([&] {
    for (int i = 0; i < 60; ++i) {
      m.lock();
      m.unlock();
      const std::lock_guard hold(r);
    }
    m.lock();
    const bool seen = ready;
    m.unlock();
    if (!seen) data = 2;
  });
  both.wait();
}

void atomics() {
  std::atomic<int> turns{0};
  std::atomic<bool> ready{false};
  wait_group both;
  both.go([&] {
    for (int i = 0; i < 200; ++i) {
      turns.fetch_add(1, std::memory_order_relaxed);
      if (turns.load(std::memory_order_relaxed) > 100'000) std::puts("never");
    }
    data = 1;
    ready.store(true, std::memory_order_release);
  });
  both.go([&] {
    for (int i = 0; i < 200; ++i) {
      int seen = turns.load();
      turns.compare_exchange_strong(seen, seen + 1);
    }
    if (!ready.load(std::memory_order_acquire)) data = 2;
  });
  both.wait();
}

// One counts turns until it sees what the other writes late. Its many looks in between find nothing new, and no object orders the write after
// them: a replay that took the write where its stamp is would end the count too soon.
void looks() {
  alignas(64) std::atomic<int> turns{0};
  alignas(64) std::atomic<bool> late{false};
  wait_group both;
  both.go([&] {
    for (int i = 0; i < 30'000 && !late.load(std::memory_order_relaxed); ++i) turns.fetch_add(1, std::memory_order_relaxed);
  });
  both.go([&] {
    while (turns.load(std::memory_order_relaxed) < 100) {
    }
    for (volatile int i = 0; i < 30'000; i = i + 1) {
    }
    late.store(true, std::memory_order_relaxed);
  });
  both.wait();
}

void channels() {
  auto work = make_chan<int>(2), done = make_chan<int>();
  wait_group all;
  for (int w = 0; w < 3; ++w) {
    all.go([&] {
      int mine = 0;
      for (const int item : work) mine += item;
      done << mine;
    });
  }
  bool first = true;
  all.go([&] {
    for (int i = 0; i < 90; ++i) work << i;
    if (int v = 0; work.len() == 0 && done.try_recv(v) == recv_status::empty) data = 1;
    work.close();
  });
  all.go([&] {
    for (int w = 0; w < 3; ++w) {
      const int sum = *done.recv();
      if (first && sum % 2 == 0) data = 2;
      first = false;
    }
  });
  all.wait();
}

// Deadlines that are equal, timers that are stopped, a ticker: who is first is real time's to decide.
void timers() {
  mutex m;
  bool ready = false;
  wait_group both;
  once begins;
  both.go([&] {
    sleep_for(200us);
    begins.call([] {});
    auto late = after(1h);
    auto t = ticker(50us);
    for (int i = 0; i < 3; ++i) select(on_recv(t.c(), [](auto) {}), on_recv(late, [](auto) {}));
    t.stop();
    data = 1;
    const std::lock_guard hold(m);
    ready = true;
  });
  both.go([&] {
    begins.call([] {});
    auto soon = after(350us);
    soon.recv();
    m.lock();
    const bool seen = ready;
    m.unlock();
    if (!seen) data = 2;
  });
  auto fired = make_chan<unit>();
  auto f = after_func(100us, [fired]() mutable { fired << unit{}; });
  fired.recv();
  both.wait();
}

void conditions() {
  mutex m;
  cond c(m);
  int waiting = 0;
  pool<int> numbers([] { return 7; });
  wait_group all;
  for (int w = 0; w < 2; ++w) {
    all.go([&, w] {
      numbers.put(numbers.get());
      const std::unique_lock hold(m);
      ++waiting;
      if (waiting == 1) data = w;
      c.wait([&] { return waiting > 1; });
    });
  }
  all.go([&] {
    for (bool both = false; !both;) {
      m.lock();
      both = waiting == 2;
      c.broadcast();
      m.unlock();
      yield();
    }
  });
  m.lock();
  const int seen = waiting;
  m.unlock();
  if (seen == 0) data = 3;
  all.wait();
}

bool given(const char* name) { return std::getenv(name) != nullptr; }

// What it does hangs on something that no recording has.
void depends() {
  wait_group both;
  auto c = make_chan<int>(1);
  if (given("ANOTHER_WAY")) c.close();
  else c << 1;
  for (int i = 0; i < 2; ++i) {
    both.go([] {
      if (!given("NO_RACE")) ++data;
    });
  }
  both.wait();
}

void races() {
  wait_group both;
  for (int i = 0; i < 2; ++i) both.go([] { ++data; });
  both.wait();
}

}  // namespace

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "";
  const struct {
    const char* name;
    void (*does)();
  } all[] = {{"chances", chances}, {"locks", locks},           {"atomics", atomics}, {"looks", looks}, {"channels", channels}, {"timers", timers},
             {"conditions", conditions}, {"depends", depends}, {"races", races}};
  for (const auto& each : all) {
    if (std::strcmp(what, each.name) == 0) return each.does(), 0;
  }
  if (std::strcmp(what, "killed") == 0) races(), std::raise(SIGKILL);
  if (std::strcmp(what, "aborted") == 0) races(), std::abort();
  if (std::strcmp(what, "threads") == 0) std::thread([] { data = 1; }).join();
  return 0;
}
