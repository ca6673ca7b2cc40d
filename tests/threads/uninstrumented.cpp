// A library that knows nothing of Ravel and makes threads and locks of its own.

#include <pthread.h>

namespace {
struct call { void (*function)(void*); void* argument; };
pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
}  // namespace

extern "C" int run_on_own_thread(void (*function)(void*), void* argument) {
  call c{function, argument};
  pthread_t thread;
  const auto start = [](void* p) -> void* {
    static_cast<call*>(p)->function(static_cast<call*>(p)->argument);
    return nullptr;
  };
  const int error = pthread_create(&thread, nullptr, start, &c);
  return error != 0 ? error : pthread_join(thread, nullptr);
}

extern "C" void run_locked(void (*function)(void*), void* argument) {
  pthread_mutex_lock(&lock);
  function(argument);
  pthread_mutex_unlock(&lock);
}
