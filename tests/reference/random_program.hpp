#pragma once
// A random execution of a program with all that Ravel has: whose turn it is and what is done is drawn, so that every order of events that
// a scheduler could make may come, and others too.

#include <random>
#include <string>

#include "tests/reference/compared_detectors.hpp"

namespace ravel::test {

struct program_shape {
  int events;
  int goroutines;        // alive at a time; any number one after another
  int objects;           // of each kind
  std::size_t shared;    // bytes that are fought over, at most 256
  int sync_percent;
  int collect_every;     // 0: never
};

class random_program {
 public:
  random_program(std::uint64_t seed, const program_shape& shape, fault f = fault::none);

  // Empty when both agreed throughout.
  std::string run();
  int races() const { return both_.races(); }

 private:
  struct mutex { int object; int holder = -1; };
  struct shared_lock { read_write_lock lock; int writer = -1; std::vector<int> readers; };
  struct once { int object; bool done = false; };
  struct block { bool allocated = false; };

  int pick(std::size_t n) { return static_cast<int>(random_() % n); }
  bool chance(int percent) { return pick(100) < percent; }
  int alive() { return live_[static_cast<std::size_t>(pick(live_.size()))]; }
  template <class T>
  T& any(std::vector<T>& v) { return v[static_cast<std::size_t>(pick(v.size()))]; }

  void start(int parent);
  void end(int g);
  bool holds_any(int g) const;
  void step();
  void synchronise(int g);
  void use_channel(int g);
  void use_lock(int g);
  void use_shared_lock(int g);
  void use_counter(int g);
  void use_once(int g);
  void use_heap(int g);
  void touch(int g);
  void touch_atomically(int g);
  std::uintptr_t place(std::size_t size);

  std::mt19937_64 random_;
  program_shape shape_;
  compared_detectors both_;
  std::vector<int> live_;
  std::vector<int> stack_of_;  // of each goroutine; -1: none of these
  std::vector<int> free_stacks_;
  std::vector<channel> channels_;
  std::vector<mutex> mutexes_;
  std::vector<shared_lock> shared_locks_;
  std::vector<counter> counters_;
  std::vector<once> onces_;
  std::vector<int> timers_, slots_, annotated_;
  std::vector<block> blocks_;
};

}  // namespace ravel::test
