#pragma once
// OS threads that the program makes with pthread_create: what a new thread inherits from its creator, and what its end tells those who
// join it. A thread is found by its pthread_t, which glibc uses again as soon as the thread has been joined.
//
// Invariants: a record lives while its creator is inside pthread_create, its thread runs, the registry knows it or somebody joins it,
// whichever ends last. Creator and thread both register it, so whoever learns the pthread_t finds it. `birth` is the creator's until the
// thread starts; `end` is written once, by the thread, before pthread_join can return. Everything else is guarded by the registry's lock.
// Thread-safety: all functions from any thread.

#include <pthread.h>

#include "detector/clock/vector_clock.hpp"
#include "detector/shadow/access_record.hpp"

namespace ravel::detector {

struct goroutine_state;

struct thread_record {
  vector_clock birth;        // the clock its goroutine starts with
  std::uint64_t creator_id;
  stack_id created_at;
  sync_clock end;            // what it knew when it ended
  pthread_t thread;
  std::uint32_t holders;
  bool detached;
  bool was_registered;
  bool has_ended;
  bool in_registry;
  thread_record* next;
};

// The creator's part of a thread's birth: the creator releases. Held twice, by the creator and by the thread.
thread_record& prepare_thread(goroutine_state& creator, bool detached, const void* frame);
void thread_was_created(thread_record& r, pthread_t thread);   // the creator lets go
void thread_was_not_created(thread_record& r);                 // pthread_create failed

void thread_starts(thread_record& r);                          // on the new thread, before its goroutine
void thread_ends(thread_record& r, vector_clock& last);        // on the thread; it lets go

void thread_was_detached(pthread_t thread);

// The thread that somebody is about to join; null when the program did not make it with pthread_create.
class joinable {
 public:
  explicit joinable(pthread_t thread);
  ~joinable();
  joinable(const joinable&) = delete;
  joinable& operator=(const joinable&) = delete;

  void joined(goroutine_state& by);  // it has ended, and its pthread_t may be another's already

 private:
  thread_record* record_;
};

}  // namespace ravel::detector
