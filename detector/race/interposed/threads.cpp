// pthread_create, thrd_create, and so std::thread: a thread begins with what its creator knew, and whoever joins it learns what it knew
// when it ended (detector/race/thread_record).

#include <signal.h>

#include <climits>

#include "detector/race/interposed/fork.hpp"
#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "runtime/hooks/controlled.hpp"
#include "detector/race/thread_record.hpp"

namespace ravel::detector {

namespace {

template <class Result>
struct first_call {
  Result (*function)(void*);
  void* argument;
  thread_record* record;
  sigset_t mask;
  bool takes_mask;  // else its attributes have one
};

// A handler finds a goroutine on the thread only once it has begun.
class without_signals {
 public:
  without_signals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before);
  }
  ~without_signals() { ::pthread_sigmask(SIG_SETMASK, &before, nullptr); }
  without_signals(const without_signals&) = delete;
  without_signals& operator=(const without_signals&) = delete;

  sigset_t before;
};

bool has_mask(const pthread_attr_t* attributes) {
  sigset_t mask;
  return attributes != nullptr && ::pthread_attr_getsigmask_np(attributes, &mask) == 0;
}

void begin_thread(thread_record& r) {
  this_thread.thread = &r;
  thread_starts(r);
  running_or_adopted();
}

// Exceptions pass: cancellation and pthread_exit unwind through here.
template <class Result>
Result run_thread(void* argument) {
  const first_call<Result> call = *static_cast<first_call<Result>*>(argument);
  {
    inside_detector guard;
    delete static_cast<first_call<Result>*>(argument);
  }
  begin_thread(*call.record);
  if (call.takes_mask) ::pthread_sigmask(SIG_SETMASK, &call.mask, nullptr);
  __ravel_context = reinterpret_cast<std::uintptr_t>(call.function) * 0x9E3779B97F4A7C15ull;  // where its call paths begin
  return call.function(call.argument);
}

template <class Result>
Result run_unchecked_thread(void* argument) {
  this_thread.inside = true;
  const first_call<Result> call = *static_cast<first_call<Result>*>(argument);
  delete static_cast<first_call<Result>*>(argument);
  return call.function(call.argument);
}

template <class Result, class Create>
int make_unchecked_thread(Result (*function)(void*), void* argument, Create create) {
  auto* call = new first_call<Result>{function, argument, nullptr, {}, false};
  const int error = create(run_unchecked_thread<Result>, call);
  if (error != 0) delete call;
  return error;
}

// create(function, argument) makes the thread and returns 0, or something else.
template <class Result, class Create>
int make_thread(Result (*function)(void*), void* argument, bool detached, bool takes_mask, const pthread_t* thread, const void* frame, Create create) {
  const without_signals here;
  first_call<Result>* call = nullptr;
  {
    const observation o;
    call = new first_call<Result>{function, argument, &prepare_thread(o.self, detached, frame), here.before, takes_mask};
  }
  thread_record& r = *call->record;
  const int error = create(run_thread<Result>, call);
  const observation o;
  if (error == 0) {
    thread_was_created(r, *thread);
  } else {
    thread_was_not_created(r);
    delete call;
  }
  return error;
}

// What the detector keeps per thread comes out of the thread's stack: a stack that just suits the program would be too small.
constexpr std::size_t least_stack = 256 << 10;

template <class Join>
int join_with(pthread_t thread, Join join) {
  if (!observed()) return join();
  joinable j(thread);
  const int error = join();
  if (error == 0) {
    const observation o;
    j.joined(o.self);
  }
  return error;
}

}  // namespace

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*function)(void*), void* argument) noexcept {
  if (unchecked_process) {
    return make_unchecked_thread(function, argument, [=](void* (*f)(void*), void* a) { return libc.pthread_create(thread, attributes, f, a); });
  }
  if (!observed()) return libc.pthread_create(thread, attributes, function, argument);
  ravel::hooks::refuse_in_controlled_run("the start of a thread (only goroutines are controlled)");
  int state = PTHREAD_CREATE_JOINABLE;
  pthread_attr_t larger;
  if (attributes != nullptr) {
    ::pthread_attr_getdetachstate(attributes, &state);
    void* stack = nullptr;
    std::size_t size = 0;
    // Where no stack was given, glibc's answer lies `size` below null. The copy lives for one call and owns nothing.
    if (::pthread_attr_getstack(attributes, &stack, &size) == 0 && size != 0 && size < least_stack && reinterpret_cast<std::uintptr_t>(stack) + size == 0) {
      larger = *attributes;
      ::pthread_attr_setstacksize(&larger, least_stack);
      attributes = &larger;
    }
  }
  return make_thread(function, argument, state == PTHREAD_CREATE_DETACHED, !has_mask(attributes), thread, __builtin_frame_address(0),
                     [=](void* (*f)(void*), void* a) { return libc.pthread_create(thread, attributes, f, a); });
}

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  if (unchecked_process) {
    return make_unchecked_thread(function, argument, [=](int (*f)(void*), void* a) { return libc.thrd_create(thread, f, a); });
  }
  if (!observed()) return libc.thrd_create(thread, function, argument);
  ravel::hooks::refuse_in_controlled_run("the start of a thread (only goroutines are controlled)");
  return make_thread(function, argument, false, true, thread, __builtin_frame_address(0),
                     [=](int (*f)(void*), void* a) { return libc.thrd_create(thread, f, a); });
}

int pthread_join(pthread_t thread, void** result) {
  return join_with(thread, [=] { return libc.pthread_join(thread, result); });
}
int pthread_tryjoin_np(pthread_t thread, void** result) noexcept {
  return join_with(thread, [=] { return libc.pthread_tryjoin_np(thread, result); });
}
int pthread_timedjoin_np(pthread_t thread, void** result, const timespec* until) {
  return join_with(thread, [=] { return libc.pthread_timedjoin_np(thread, result, until); });
}
int pthread_clockjoin_np(pthread_t thread, void** result, clockid_t clock, const timespec* until) {
  return join_with(thread, [=] { return libc.pthread_clockjoin_np(thread, result, clock, until); });
}
int thrd_join(thrd_t thread, int* result) {
  return join_with(thread, [=] { return libc.thrd_join(thread, result); });
}

int pthread_detach(pthread_t thread) noexcept {
  if (observed()) {
    const observation o;
    thread_was_detached(thread);
  }
  return libc.pthread_detach(thread);
}
int thrd_detach(thrd_t thread) {
  if (observed()) {
    const observation o;
    thread_was_detached(thread);
  }
  return libc.thrd_detach(thread);
}

}  // extern "C"
