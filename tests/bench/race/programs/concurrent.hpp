#pragma once
// One source, two programs: with Ravel, or (BENCH_STD) with threads and the standard library, for clang and its ThreadSanitizer.
// The names are Ravel's; the standard half imitates as much of them as the programs use.
//
// lighter: how many times fewer goroutines or hand-overs the thread program makes where a thread costs a hundred goroutines. What the
// table compares is one program with itself, plain and checked.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#ifdef BENCH_STD

#include <condition_variable>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <thread>

namespace conc {

inline constexpr int lighter = 25;

using mutex = std::mutex;
using rw_mutex = std::shared_mutex;

class wait_group {
 public:
  template <class F>
  void go(F f) {
    const std::lock_guard hold(lock_);
    threads_.emplace_back(std::move(f));
  }
  void wait() {
    for (auto& t : threads_) t.join();
    threads_.clear();
  }

 private:
  std::mutex lock_;
  std::vector<std::thread> threads_;
};

// A bounded queue under a mutex; capacity 0 hands over with a queue of one, as near as a short class comes to a rendezvous.
template <class T>
class chan {
 public:
  explicit chan(std::size_t capacity) : state_(std::make_shared<state>()) { state_->capacity = capacity == 0 ? 1 : capacity; }
  void send(T v) {
    std::unique_lock hold(state_->lock);
    state_->room.wait(hold, [&] { return state_->queue.size() < state_->capacity; });
    state_->queue.push_back(std::move(v));
    state_->data.notify_one();
  }
  std::optional<T> recv() {
    std::unique_lock hold(state_->lock);
    state_->data.wait(hold, [&] { return !state_->queue.empty() || state_->closed; });
    if (state_->queue.empty()) return std::nullopt;
    T v = std::move(state_->queue.front());
    state_->queue.pop_front();
    state_->room.notify_one();
    return v;
  }
  void close() {
    const std::lock_guard hold(state_->lock);
    state_->closed = true;
    state_->data.notify_all();
  }

 private:
  struct state {
    std::mutex lock;
    std::condition_variable room, data;
    std::deque<T> queue;
    std::size_t capacity = 0;
    bool closed = false;
  };
  std::shared_ptr<state> state_;
};

template <class T>
chan<T> make_chan(std::size_t capacity = 0) { return chan<T>(capacity); }

}  // namespace conc

#else

#include <mutex>
#include <shared_mutex>

#include <ravel/ravel.hpp>

namespace conc {
using namespace ravel;
inline constexpr int lighter = 1;
}  // namespace conc

#endif

// Every program prints one number, the same in all its languages and builds.
inline int print_checksum(std::uint64_t sum) { return std::printf("%llu\n", static_cast<unsigned long long>(sum)) > 0 ? 0 : 1; }

// A generator that all languages have in the same few lines.
class xorshift {
 public:
  explicit xorshift(std::uint64_t seed) : x_(seed * 0x9E3779B97F4A7C15u + 1) {}
  std::uint64_t next() {
    x_ ^= x_ << 13;
    x_ ^= x_ >> 7;
    x_ ^= x_ << 17;
    return x_;
  }

 private:
  std::uint64_t x_;
};
