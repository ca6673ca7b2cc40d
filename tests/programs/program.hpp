#pragma once
// One file of tiny programs, compiled by ravel++ -race. Each runs by its name in a process of its own: `./chan race_chan_async_rev`;
// without a name the binary lists its cases. Include this once, in the only source file of the binary.
//
// The beginning of a name is what must happen:
//   race_      at least one race is reported. Every report has both stacks, and both its accesses stand on lines of the case (or of a
//              helper outside all cases) that end with the comment "races".
//   norace_    nothing is reported, exit status 0
//   deadlock_  "all goroutines are asleep", exit status 2, and one report of it
//   leak_      goroutines that nobody can wake are reported, and nothing else
//   misuse_    at least one report that is not of a race, and none of a race
//   ok_        as norace_: the near miss of a deadlock_, leak_ or misuse_
//   advice_    with the option advice=1: at least one advice and no other report, exit status 0
//   noadvice_  with the option advice=1: nothing is reported, exit status 0
//   panic_     "panic:", exit status 2
//   fatal_     "fatal error:", exit status 2
// A second word like m03 is the id that a report must have (detector/check/conditions.md), or whose words the panic or fatal error must be.
// A happens-before detector finds a race in every schedule in which both accesses are made, so no case may need luck for that.

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <ravel/ravel.hpp>

namespace programs {

struct program {
  const char* name;
  int line;
  void (*body)();
  program* next;
};
inline program* first_program = nullptr;

struct registration {
  program p;
  registration(const char* name, int line, void (*body)()) : p{name, line, body, first_program} { first_program = &p; }
};

// Runs each function in a goroutine of its own; nothing orders them against each other, all are over when it returns.
template <class... Fs>
void together(Fs... fs) {
  ravel::wait_group all;
  (all.go(fs), ...);
  all.wait();
}

// The optimiser must compute v: a read that nothing uses would be removed before the detector sees it.
template <class T>
inline void use(T v) {
  asm volatile("" : : "r,m"(v));
}

// The optimiser must leave v in memory as it is now: a write that nothing reads would be removed.
template <class T>
inline void keep(T& v) {
  asm volatile("" : : "r"(&v) : "memory");
}

// Lets others go on until the condition holds. Orders nothing, unless the condition does.
template <class Condition>
void until(Condition c) {
  while (!c()) ravel::yield();
}

}  // namespace programs

#define RAVEL_PROGRAM(name)                                             \
  static void name();                                                   \
  static programs::registration register_##name(#name, __LINE__, name); \
  static void name()

int main(int argc, char** argv) {
  alarm(60);  // a case that hangs fails by itself
  for (const programs::program* p = programs::first_program; p != nullptr; p = p->next) {
    if (argc < 2) std::printf("%s\t%d\t%s\n", p->name, p->line, __BASE_FILE__);
    else if (std::strcmp(argv[1], p->name) == 0) return p->body(), 0;
  }
  if (argc < 2) return 0;
  std::fprintf(stderr, "%s: no case named %s\n", argv[0], argv[1]);
  return 2;
}
