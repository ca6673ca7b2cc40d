// Things that happen to the whole process: fork, mappings, libraries loaded at run time.

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mutex>
#include <string>
#include <thread>

#include "program.hpp"

using threads_suite::unseen_order;

namespace {

constexpr int child_was_well = 3;

template <class Child>
void fork_and(Child child) {
  const pid_t p = fork();
  REQUIRE(p >= 0);
  if (p == 0) child();
  int status = 0;
  REQUIRE(waitpid(p, &status, 0) == p && WIFEXITED(status) && WEXITSTATUS(status) == child_was_well);
}

struct plugin {
  int (*run_on_own_thread)(void (*)(void*), void*);
  void (*run_locked)(void (*)(void*), void*);
  plugin() {
    void* library = dlopen(std::getenv("RAVEL_THREAD_SUITE_PLUGIN"), RTLD_NOW);
    REQUIRE(library != nullptr);
    run_on_own_thread = reinterpret_cast<decltype(run_on_own_thread)>(dlsym(library, "run_on_own_thread"));
    run_locked = reinterpret_cast<decltype(run_locked)>(dlsym(library, "run_locked"));
  }
};

void* map(void* wanted, std::size_t size, int flags = 0) {
  void* p = mmap(wanted, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  REQUIRE(p != MAP_FAILED);
  return p;
}

}  // namespace

RAVEL_PROGRAM(norace_fork_of_a_threaded_process) {
  std::mutex m;
  int x = 0;
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    while (!stop) {
      const std::lock_guard hold(m);
      ++x;
    }
  });
  for (int i = 0; i < 20; ++i) {
    fork_and([i] {
      int y = 0;
      std::thread t([&] { y = 1; });
      t.join();
      const std::string text(1000, 'x');
      if (i % 2 == 0) std::exit(child_was_well);
      _exit(child_was_well);
    });
  }
  stop = true;
  busy.join();
}

RAVEL_PROGRAM(norace_fork_of_a_single_thread) {
  fork_and([] {
    int x = 0;
    std::thread t([&] { x = 1; });
    t.join();
    REQUIRE(++x == 2);
    std::exit(child_was_well);
  });
}

RAVEL_PROGRAM(norace_memory_mapped_again) {
  constexpr std::size_t size = 100'000;
  unseen_order unmapped;
  for (int i = 0; i < 100; ++i) {
    auto* p = static_cast<char*>(map(nullptr, size));
    std::thread([=, &unmapped] {
      for (std::size_t k = 0; k < size; k += 100) p[k] = 1;
      munmap(p, size);
      unmapped.count();
    }).detach();
    unmapped.wait_for(i + 1);
  }
}

RAVEL_PROGRAM(norace_mapped_over_at_a_fixed_address) {
  constexpr std::size_t size = 8192;
  auto* p = static_cast<char*>(map(nullptr, size));
  unseen_order written;
  std::thread t([&] {
    for (std::size_t i = 0; i < size; ++i) p[i] = 1;
    written.reach(1);
  });
  written.wait_for(1);
  REQUIRE(map(p, size, MAP_FIXED) == p);
  for (std::size_t i = 0; i < size; ++i) p[i] = 2;
  t.join();
}

RAVEL_PROGRAM(norace_moved_mapping) {
  constexpr std::size_t size = 8192;
  auto* p = static_cast<char*>(map(nullptr, size));
  p[0] = 1;
  auto* q = static_cast<char*>(mremap(p, size, 64 * size, MREMAP_MAYMOVE));
  REQUIRE(q != MAP_FAILED && q[0] == 1);
  std::thread t([=] { q[0] = 2; });
  t.join();
  REQUIRE(q[0] == 2);
}

RAVEL_PROGRAM(race_in_mapped_memory) {
  auto* p = static_cast<char*>(map(nullptr, 4096));
  std::thread t([=] { p[0] = 1; });
  p[0] = 2;
  t.join();
}

RAVEL_PROGRAM(norace_thread_of_a_loaded_library) {
  const plugin library;
  int x = 1;
  REQUIRE(library.run_on_own_thread([](void* p) { ++*static_cast<int*>(p); }, &x) == 0);
  REQUIRE(++x == 3);
}

RAVEL_PROGRAM(norace_lock_of_a_loaded_library) {
  const plugin library;
  static int& x = threads_suite::shared_int;
  const auto count = [&] {
    for (int i = 0; i < 100; ++i) library.run_locked([](void*) { ++x; }, nullptr);
  };
  std::thread a(count), b(count);
  a.join();
  b.join();
  REQUIRE(x == 200);
}

RAVEL_PROGRAM(race_on_the_thread_of_a_loaded_library) {
  const plugin library;
  static int& x = threads_suite::shared_int;
  std::thread t([&] { library.run_on_own_thread([](void*) { x = 1; }, nullptr); });
  x = 2;
  t.join();
}
