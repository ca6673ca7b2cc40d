#pragma once
// The C library's own functions under the names that this room defines.
//
// All are looked up at start-up, before any other library runs: dlsym takes the loader's lock, and a thread that looked up
// pthread_mutex_unlock while another holds that lock and waits for it would wait for good.

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

namespace ravel::detector {

struct libc_functions {
#define RAVEL_LIBC(name, version) decltype(&::name) name;
#include "detector/race/interposed/libc_functions.def"
#undef RAVEL_LIBC
};
extern libc_functions libc;

// Once, before any of them is called. The others are libstdc++'s; one linked into the program has none to find.
void find_libc_functions();
void find_exception_functions();
void find_stdexcept_functions();
void find_memory_resource_functions();
void find_future_functions();
void find_random_functions();

}  // namespace ravel::detector
