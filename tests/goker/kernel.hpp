#pragma once
// One bug of a real Go project, cut down to its concurrency (GoKer), written anew, with its repaired twin: the body is told which of the two
// to be. What its goroutines share lives in a struct of its own that all of them hold, since some never end.

#include <memory>
#include <mutex>
#include <shared_mutex>

#include <ravel/explore.hpp>
#include <ravel/ravel.hpp>

namespace goker {

using namespace ravel;
using namespace std::chrono_literals;
using explore::kind;

// The optimiser must compute v, and may not foresee what it is.
template <class T>
inline void see(T v) {
  asm volatile("" : : "r,m"(v));
}

struct kernel {
  const char* id;           // as in GoKer
  enum kind kind;
  const char* cause;        // what the message must say: a row of the table of conditions, or words; '|' between alternatives
  const char* named;        // what the report must name, each; '|' between them
  void (*body)(bool fixed);
  kernel* next;
};
inline kernel* first_kernel = nullptr;

struct registration {
  kernel k;
  registration(const char* id, enum kind what, const char* cause, const char* named, void (*body)(bool)) : k{id, what, cause, named, body, first_kernel} {
    first_kernel = &k;
  }
};

}  // namespace goker

#define GOKER_JOIN_(a, b) a##b
#define GOKER_JOIN(a, b) GOKER_JOIN_(a, b)
#define GOKER(id, what, cause, named)                                                                                            \
  static void GOKER_JOIN(body_, __LINE__)(bool fixed);                                                                           \
  static goker::registration GOKER_JOIN(kernel_, __LINE__)(id, explore::kind::what, cause, named, GOKER_JOIN(body_, __LINE__)); \
  static void GOKER_JOIN(body_, __LINE__)(bool fixed)
