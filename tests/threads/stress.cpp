// Eight threads and fifty goroutines over everything at once, all of it rightly synchronised. RAVEL_STRESS_STEPS: how many steps in all.

#include <pthread.h>
#include <semaphore.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <ravel/ravel.hpp>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "program.hpp"

namespace {

class queue {
 public:
  void put(std::string s) {
    {
      const std::lock_guard hold(lock_);
      items_.push_back(std::move(s));
    }
    filled_.notify_one();
  }
  std::string get() {
    std::unique_lock hold(lock_);
    if (!filled_.wait_for(hold, std::chrono::milliseconds(5), [&] { return !items_.empty(); })) return {};
    std::string s = std::move(items_.front());
    items_.pop_front();
    return s;
  }

 private:
  std::mutex lock_;
  std::condition_variable filled_;
  std::deque<std::string> items_;
};

class workshop {
 public:
  workshop() {
    pthread_spin_init(&spin_, PTHREAD_PROCESS_PRIVATE);
    sem_init(&token_, 0, 1);
  }
  ~workshop() {
    delete box_.load();
    sem_destroy(&token_);
    pthread_spin_destroy(&spin_);
  }

  void step(unsigned& random) {
    random = random * 1664525u + 1013904223u;
    const unsigned n = random >> 16;
    switch (n % 9) {
      case 0: queues_[n % 3].put(std::string(n % 100, 'a')); break;
      case 1: REQUIRE(queues_[n / 9 % 3].get().find_first_not_of('a') == std::string::npos); break;
      case 2: look_up(n % 50); break;
      case 3: change(n % 50, n); break;
      case 4: count(n); break;
      case 5: exchange(n); break;
      case 6:
        pthread_spin_lock(&spin_);
        ++spun_;
        pthread_spin_unlock(&spin_);
        break;
      case 7:
        while (sem_wait(&token_) != 0) {}
        ++taken_;
        sem_post(&token_);
        break;
      case 8: ask_others(n); break;
    }
  }

 private:
  void look_up(unsigned key) {
    const std::shared_lock hold(table_lock_);
    const auto found = table_.find(key);
    REQUIRE(found == table_.end() || !found->second.empty());
  }
  void change(unsigned key, unsigned value) {
    const std::unique_lock hold(table_lock_);
    table_[key] = std::to_string(value);
    if (table_.size() > 40) table_.clear();
  }
  void count(unsigned first) {
    for (unsigned i = first; i < first + 10; ++i) {
      const std::lock_guard hold(locks_[i % 16]);
      ++counts_[i % 16];
    }
  }
  void exchange(unsigned n) {
    const std::string* old = box_.exchange(new std::string(std::to_string(n)), std::memory_order_acq_rel);
    REQUIRE(old == nullptr || !old->empty());
    delete old;
  }
  void ask_others(unsigned n) {
    std::promise<std::string> p;
    auto answer = p.get_future();
    ravel::go([p = std::move(p), n]() mutable {
      if (n % 2 == 0) p.set_value(std::to_string(n));
      else p.set_exception(std::make_exception_ptr(std::runtime_error("odd")));
    });
    auto sevens = std::async(std::launch::async, [n] { return std::vector<int>(n % 100, 7); });
    for (const int seven : sevens.get()) REQUIRE(seven == 7);
    ravel::blocking([&] { answer.wait(); });
    try {
      REQUIRE(answer.get() == std::to_string(n));
    } catch (const std::runtime_error& e) {
      REQUIRE(std::string(e.what()) == "odd");
    }
  }

  queue queues_[3];
  std::shared_mutex table_lock_;
  std::map<unsigned, std::string> table_;
  std::mutex locks_[16];
  long counts_[16] = {};
  std::atomic<const std::string*> box_{nullptr};
  pthread_spinlock_t spin_;
  sem_t token_;
  long spun_ = 0, taken_ = 0;
};

}  // namespace

RAVEL_PROGRAM(norace_everything_at_once) {
  const char* wanted = std::getenv("RAVEL_STRESS_STEPS");
  std::atomic<long> left{wanted != nullptr ? std::atol(wanted) : 10'000};
  workshop w;
  const auto work = [&](unsigned seed, bool goroutine) {
    for (unsigned random = seed; left.fetch_sub(1, std::memory_order_relaxed) > 0;) {
      w.step(random);
      if (goroutine) ravel::yield();
    }
  };
  ravel::wait_group done;
  for (unsigned i = 0; i < 50; ++i) {
    done.add(1);
    ravel::go([&, i] {
      work(i * 77 + 1, true);
      done.done();
    });
  }
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 8; ++i) threads.emplace_back(work, i * 99 + 5, false);
  for (std::thread& t : threads) t.join();
  done.wait();
}
