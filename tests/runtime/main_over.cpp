// A process whose main is over: what destructors of globals wait for they get; goroutines that were parked stay so until then. One case a run,
// by its name; 0 when all was as it should be.

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ravel/ravel.hpp>
#include <sstream>
#include <thread>

namespace {

using steady = std::chrono::steady_clock;

ravel::chan<int> channel = ravel::make_chan<int>(), answers = ravel::make_chan<int>();
ravel::wait_group group;
std::atomic<int> ran{0};
std::atomic<bool> busy{false}, over{false};
steady::time_point main_over_at;

struct at_the_end {
  void (*what)() = nullptr;
  ~at_the_end() {
    if (what != nullptr) what();
  }
} end;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  ::_exit(1);
}

std::string dump() {
  std::ostringstream out;
  ravel::dump_goroutines(out);
  return out.str();
}

void start_receivers(int n) {
  for (int i = 0; i < n; ++i) {
    group.go([] {
      channel.recv();
      ++ran;
    });
  }
  const auto parked = [] {
    const std::string text = dump();
    int found = 0;
    for (std::size_t at = 0; (at = text.find("[chan receive]", at)) != text.npos; ++at) ++found;
    return found;
  };
  while (parked() != n) ravel::yield();
}

// Nobody is let go within half a second unless main waits, which it does not here.
void require_none_runs_for_a_while() {
  const auto until = steady::now() + std::chrono::milliseconds(30);
  while (steady::now() < until) {
    const bool any = ran != 0;
    require(!any || steady::now() - main_over_at > std::chrono::milliseconds(500), "a goroutine was resumed after main's return");
  }
}

void a_destructor_waits_for_goroutines() {
  start_receivers(4);
  ravel::go([] {
    for (;;) ravel::sleep_for(std::chrono::microseconds(50));
  });
  end.what = [] {
    for (int i = 0; i < 4; ++i) channel << i;
    group.wait();
    require(ran == 4, "not all have run");
  };
}

void who_is_woken_stays_parked() {
  start_receivers(4);
  end.what = [] {
    for (int i = 0; i < 4; ++i) channel << i;
    require_none_runs_for_a_while();
  };
}

void a_dump_lets_nobody_go() {
  start_receivers(4);
  end.what = [] {
    for (int i = 0; i < 4; ++i) channel << i;
    require(dump().find("goroutine 1 [running]") != std::string::npos, "goroutine 1 is not in the dump");
    require_none_runs_for_a_while();
  };
}

// One that runs on beside the destructor parks, with another at hand to go on with.
void who_parks_gives_the_channel_back() {
  ravel::go([] {
    ravel::go([] {});
    busy = true;
    while (!over) {
      if (ravel::gomaxprocs() == 1) ravel::yield();
    }
    channel.recv();
  });
  while (!busy) ravel::yield();
  end.what = [] {
    over = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    channel << 1;
  };
}

void a_destructor_joins_a_thread_that_waits_for_a_goroutine() {
  ravel::go([] { answers << *channel.recv(); });
  end.what = [] {
    std::thread t([] {
      channel << 1;
      require(*answers.recv() == 1, "another answer");
    });
    t.join();
  };
}

#define CASE(name) {#name, name}
const struct {
  const char* name;
  void (*body)();
} cases[] = {CASE(a_destructor_waits_for_goroutines), CASE(who_is_woken_stays_parked), CASE(a_dump_lets_nobody_go), CASE(who_parks_gives_the_channel_back),
             CASE(a_destructor_joins_a_thread_that_waits_for_a_goroutine)};

}  // namespace

int main(int argc, char** argv) {
  ::alarm(60);
  for (const auto& c : cases) {
    if (argc != 2 || std::strcmp(argv[1], c.name) != 0) continue;
    c.body();
    main_over_at = steady::now();
    return 0;
  }
  return 2;
}
