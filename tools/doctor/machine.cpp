// Kernel settings and limits that shadow memory and stacks need.

#include <sys/personality.h>
#include <sys/resource.h>

#include <cstdlib>

#include "tools/doctor/checks.hpp"

namespace ravel::tools {

namespace {

// A number in /proc/sys; -1 when the kernel has no such setting.
long setting(const patient& p, const char* name) {
  const std::string text = bytes_of(p.proc + "/sys/" + name);
  return text.empty() ? -1 : std::atol(text.c_str());
}

diagnosis proc(const patient& p) {
  if (!readable(p.proc + "/self/maps")) return bad(p.proc + " is not mounted: reports would have no names of functions", "mount -t proc proc /proc");
  return fine("/proc is mounted");
}

diagnosis address_space(const patient&) {
  rlimit limit{};
  ::getrlimit(RLIMIT_AS, &limit);
  if (limit.rlim_cur != RLIM_INFINITY) {
    return bad("the address space is limited to " + std::to_string(limit.rlim_cur >> 20) + " MiB: shadow memory reserves terabytes of it, and uses little", "ulimit -v unlimited");
  }
  return fine("address space without a limit");
}

// With it the kernel lays libraries out from the bottom of the address space, where the shadow lies.
diagnosis stack_limit(const patient&) {
  rlimit limit{};
  ::getrlimit(RLIMIT_STACK, &limit);
  if (limit.rlim_cur == RLIM_INFINITY) return bad("the stack has no limit: the kernel then puts libraries where the shadow of memory has to be", "ulimit -s 8192");
  return fine("stack limit of " + std::to_string(limit.rlim_cur >> 10) + " KiB");
}

diagnosis overcommit(const patient& p) {
  if (setting(p, "vm/overcommit_memory") == 2) return bad("vm.overcommit_memory=2: the kernel refuses memory that is reserved and not used, as shadow memory and stacks are", "sysctl vm.overcommit_memory=0");
  return fine("reserved memory costs nothing");
}

diagnosis mappings(const patient& p) {
  constexpr long usual = 65530;
  const long most = setting(p, "vm/max_map_count");
  if (most >= 0 && most < usual) return bad("vm.max_map_count=" + std::to_string(most) + ": too few for the guard pages of many goroutines' stacks", "sysctl vm.max_map_count=262144");
  return fine("up to " + std::to_string(most) + " mappings");
}

diagnosis randomisation(const patient& p) {
  constexpr long most = 32;  // bits; the shadow's places are chosen for it (detector/shadow/README.md)
  const long bits = setting(p, "vm/mmap_rnd_bits");
  if (bits > most) return bad("vm.mmap_rnd_bits=" + std::to_string(bits) + ": programs are laid out further apart than shadow memory allows for", "sysctl vm.mmap_rnd_bits=32");
  const int persona = ::personality(0xffffffff);
  if (persona >= 0 && (persona & ADDR_NO_RANDOMIZE) != 0) return note("address randomisation is off in this shell", "harmless; setarch -R was used");
  return fine("address randomisation of " + std::to_string(bits) + " bits");
}

diagnosis tracing(const patient& p) {
  const long scope = setting(p, "kernel/yama/ptrace_scope");
  if (scope >= 2) return bad("kernel.yama.ptrace_scope=" + std::to_string(scope) + ": only root may debug, so the commands in reports do not work", "sysctl kernel.yama.ptrace_scope=1");
  return fine("programs may be debugged");
}

constexpr check checks[] = {
    {"proc", proc}, {"ulimit -v", address_space}, {"ulimit -s", stack_limit}, {"overcommit", overcommit}, {"mappings", mappings}, {"layout", randomisation}, {"ptrace", tracing},
};

}  // namespace

std::span<const check> machine_checks() { return checks; }

}  // namespace ravel::tools
