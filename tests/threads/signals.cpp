// Handlers of signals: they come at any instruction, also of the detector's, and must find it in order; what they do is checked like the rest.

#include <pthread.h>
#include <ravel/ravel.hpp>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <thread>

#include "program.hpp"

using threads_suite::unseen_order;

namespace {

void handle(int number, void (*function)(int), int flags = SA_RESTART) {
  struct sigaction a{};
  a.sa_handler = function;
  a.sa_flags = flags;
  REQUIRE(sigaction(number, &a, nullptr) == 0);
}

void block(int number) {
  sigset_t s;
  sigemptyset(&s);
  sigaddset(&s, number);
  REQUIRE(pthread_sigmask(SIG_BLOCK, &s, nullptr) == 0);
}

int cells[4096];
int own[1000];
int ticks = 0;
unseen_order come;

}  // namespace

// The handler needs the locks and tables that the interrupted access, lock or atomic may be in the middle of.
RAVEL_PROGRAM(norace_handler_at_any_instruction) {
  handle(SIGUSR1, [](int) {
    for (int i = 0; i < 20; ++i) own[(ticks * 7 + i) % 1000] = i;
    ++ticks;
    come.count();
  });
  std::mutex m;
  long total = 0;
  std::atomic<bool> stop{false};
  const pthread_t target = pthread_self();
  std::thread worker([&] {
    block(SIGUSR1);
    while (!stop) {
      const std::lock_guard hold(m);
      ++total;
    }
  });
  std::thread sender([&] {
    block(SIGUSR1);
    while (!stop) {
      pthread_kill(target, SIGUSR1);
      for (volatile int i = 0; i < 3000; i = i + 1) {}
    }
  });
  for (int k = 0; k < 1500 || ticks < 3; ++k) {
    for (int i = 0; i < 300; ++i) ++cells[(k * 17 + i) % 4096];
    const std::lock_guard hold(m);
    ++total;
  }
  stop = true;
  worker.join();
  sender.join();
}

RAVEL_PROGRAM(norace_handler_beside_goroutines) {
  static std::atomic<int> counts[100], calls;
  handle(SIGPROF, [](int) {
    for (int i = 0; i < 20; ++i) counts[(calls * 7 + i) % 100].fetch_add(1, std::memory_order_relaxed);
    ++calls;
  });
  const itimerval often{{0, 200}, {0, 200}}, never{};
  setitimer(ITIMER_PROF, &often, nullptr);
  auto c = ravel::make_chan<int>(4);
  ravel::mutex m;
  int sum = 0, received = 0;
  ravel::wait_group wg;
  for (int g = 0; g < 3; ++g) {
    wg.go([&] {
      for (int i = 0; i < 5000 || calls < 3; ++i) {
        const std::lock_guard hold(m);
        ++sum;
      }
    });
  }
  wg.go([&] {
    for (int i = 0; i < 5000; ++i) c.send(i);
    c.close();
  });
  for ([[maybe_unused]] int v : c) ++received;
  wg.wait();
  setitimer(ITIMER_PROF, &never, nullptr);
  REQUIRE(received == 5000 && sum >= 15000);
}

RAVEL_PROGRAM(norace_handler_sees_what_its_installer_and_the_sender_wrote) {
  static int before_install = 0, before_send = 0, seen = 0;
  static unseen_order done;
  static std::atomic<int> sleeper_is_there{0};
  std::thread sleeper([] {
    sleeper_is_there.store(1, std::memory_order_relaxed);
    done.wait_for(1);
  });
  while (sleeper_is_there.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
  before_install = 1;
  handle(SIGUSR1, [](int) {
    seen = before_install + before_send;
    done.reach(1);
  });
  before_send = 2;
  pthread_kill(sleeper.native_handle(), SIGUSR1);
  sleeper.join();
  REQUIRE(seen == 3);
}

// Nobody passes a safepoint in there.
RAVEL_PROGRAM(norace_handler_in_a_call_that_sleeps) {
  static std::atomic<bool> called{false}, is_back{false};
  handle(SIGUSR1, [](int) { called = true; }, 0);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  std::thread sleeper([&] {
    char byte = 0;
    while (!called) REQUIRE(read(ends[0], &byte, 1) == -1 && errno == EINTR);
    is_back = true;
  });
  while (!is_back) {
    pthread_kill(sleeper.native_handle(), SIGUSR1);
    std::this_thread::yield();
  }
  sleeper.join();
}

// The kernel makes the call again after the handler, so the thread stays in it until the handler has written what it reads.
RAVEL_PROGRAM(norace_handler_in_a_call_that_is_made_again) {
  static int ends[2];
  REQUIRE(pipe(ends) == 0);
  handle(SIGUSR1, [](int) { REQUIRE(write(ends[1], "x", 1) == 1); }, SA_RESTART);
  static unseen_order order;
  std::thread sleeper([] {
    char byte = 0;
    order.reach(1);
    REQUIRE(read(ends[0], &byte, 1) == 1 && byte == 'x');
  });
  order.wait_for(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(2));  // so that it mostly reads by then; right as well where it does not
  pthread_kill(sleeper.native_handle(), SIGUSR1);
  sleeper.join();
}

RAVEL_PROGRAM(race_in_a_handler) {
  static unseen_order order;
  handle(SIGUSR1, [](int) {
    threads_suite::shared_int = 1;
    order.reach(1);
  });
  std::thread target([] { order.wait_for(2); });
  pthread_kill(target.native_handle(), SIGUSR1);
  order.wait_for(1);
  threads_suite::shared_int = 2;
  order.reach(2);
  target.join();
}

RAVEL_PROGRAM(norace_what_is_installed_is_told) {
  const auto first = [](int) {};
  void (*const second)(int) = [](int) {};
  static int value = 0;
  handle(SIGUSR1, first);
  struct sigaction was{};
  REQUIRE(sigaction(SIGUSR1, nullptr, &was) == 0 && was.sa_handler == static_cast<void (*)(int)>(first) && was.sa_flags == SA_RESTART);
  REQUIRE(signal(SIGUSR1, second) == static_cast<void (*)(int)>(first));
  REQUIRE(signal(SIGUSR1, SIG_DFL) == second);
  REQUIRE(sigaction(SIGUSR1, nullptr, &was) == 0 && was.sa_handler == SIG_DFL);
  REQUIRE(signal(SIGKILL, second) == SIG_ERR && errno == EINVAL);
  struct sigaction with_value{};
  with_value.sa_flags = SA_SIGINFO | static_cast<int>(SA_RESETHAND);
  with_value.sa_sigaction = [](int number, siginfo_t* info, void* context) {
    if (number == SIGUSR2 && context != nullptr) value = info->si_value.sival_int;
  };
  REQUIRE(sigaction(SIGUSR2, &with_value, nullptr) == 0);
  REQUIRE(sigqueue(getpid(), SIGUSR2, sigval{7}) == 0);
  while (value == 0) std::this_thread::yield();
  REQUIRE(value == 7);
  REQUIRE(sigaction(SIGUSR2, nullptr, &was) == 0 && was.sa_handler == SIG_DFL);
}

// More than wait for a safepoint at once: none is lost.
RAVEL_PROGRAM(norace_every_queued_signal_is_handled) {
  static int sum = 0;
  constexpr int sent = 500;
  struct sigaction a{};
  a.sa_flags = SA_SIGINFO;
  a.sa_sigaction = [](int, siginfo_t* info, void*) { sum += info->si_value.sival_int; };
  REQUIRE(sigaction(SIGRTMIN + 1, &a, nullptr) == 0);
  static unseen_order all_sent;
  std::thread sender([main = pthread_self()] {
    block(SIGRTMIN + 1);
    for (int i = 0; i < sent; ++i) {
      while (pthread_sigqueue(main, SIGRTMIN + 1, sigval{1}) != 0) std::this_thread::yield();
    }
    all_sent.reach(1);
  });
  all_sent.wait_for(1);
  sender.join();
  while (sum < sent) std::this_thread::yield();
  REQUIRE(sum == sent);
}

RAVEL_PROGRAM(norace_out_of_a_handler_by_siglongjmp) {
  static sigjmp_buf back;
  static volatile int jumps = 0;
  handle(SIGUSR1, [](int) { siglongjmp(back, 1); });
  if (sigsetjmp(back, 1) != 0) jumps = jumps + 1;
  if (jumps < 10) raise(SIGUSR1);
  REQUIRE(jumps == 10);
  int x = 0;
  std::thread t([&] { ++x; });
  t.join();
  REQUIRE(++x == 2);
}
