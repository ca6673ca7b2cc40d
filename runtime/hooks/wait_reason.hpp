#pragma once
#include <cstdint>

namespace ravel::hooks {

// Why a goroutine is blocked, in Go's words. Dumps, deadlock reports and the debugger print them. Add new ones; never change the
// meaning of one.
enum class wait_reason : std::uint8_t {
  none,
  chan_send,
  chan_send_nil,
  chan_receive,
  chan_receive_nil,
  select,
  select_no_cases,
  mutex_lock,
  rw_mutex_lock,
  rw_mutex_rlock,
  wait_group_wait,
  once_call,
  cond_wait,
  sleep,
  io_wait,
  blocking_call,
  semaphore_wait,  // of the C library, as those that follow
  futex_wait,      // std::atomic::wait, std::latch, std::barrier, std::counting_semaphore, std::future
};

constexpr const char* words(wait_reason r) {
  switch (r) {
    case wait_reason::none: return "";
    case wait_reason::chan_send: return "chan send";
    case wait_reason::chan_send_nil: return "chan send (nil chan)";
    case wait_reason::chan_receive: return "chan receive";
    case wait_reason::chan_receive_nil: return "chan receive (nil chan)";
    case wait_reason::select: return "select";
    case wait_reason::select_no_cases: return "select (no cases)";
    case wait_reason::mutex_lock: return "sync.Mutex.Lock";
    case wait_reason::rw_mutex_lock: return "sync.RWMutex.Lock";
    case wait_reason::rw_mutex_rlock: return "sync.RWMutex.RLock";
    case wait_reason::wait_group_wait: return "sync.WaitGroup.Wait";
    case wait_reason::once_call: return "sync.Once.Do";
    case wait_reason::cond_wait: return "sync.Cond.Wait";
    case wait_reason::sleep: return "sleep";
    case wait_reason::io_wait: return "IO wait";
    case wait_reason::blocking_call: return "blocking call";
    case wait_reason::semaphore_wait: return "sem_wait";
    case wait_reason::futex_wait: return "std::atomic wait";
  }
  return "?";
}

}  // namespace ravel::hooks
