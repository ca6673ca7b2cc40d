#include "detector/race/interposed/fork.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "detector/base/invariant.hpp"
#include "detector/race/thread_state.hpp"

namespace ravel::detector {

bool unchecked_process = false;

namespace {

bool has_other_threads = false;  // of the process that forks; written by the forking thread, read by its copy in the child

struct linux_dirent64 {
  std::uint64_t inode;
  std::int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[1];
};

// Without opendir, which allocates.
bool other_threads_exist() {
  const int folder = ::open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return true;
  int threads = 0;
  alignas(linux_dirent64) char entries[1024];
  for (long n = 0; (n = ::syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0;) {
    for (long at = 0; at < n; at += reinterpret_cast<linux_dirent64*>(entries + at)->length) {
      threads += reinterpret_cast<linux_dirent64*>(entries + at)->name[0] != '.';
    }
  }
  ::close(folder);
  return threads != 1;
}

void before_fork() { has_other_threads = other_threads_exist(); }

void in_child() {
  if (!has_other_threads) return;
  unchecked_process = true;
  this_thread.inside = true;
}

}  // namespace

void watch_forks() {
  if (::pthread_atfork(before_fork, nullptr, in_child) != 0) environment_failed("cannot register for fork");
}

}  // namespace ravel::detector
