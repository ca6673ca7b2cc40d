#pragma once
// The real detector and the naive one side by side, as the objects of a program use them: each operation happens to both, on the real one
// by the calls that the runtime makes, on the naive one by the letter of the memory model. They share no rule: where the runtime swaps the
// clock of a slot, here the k-th receive learns from the k-th send, and the (k+C)-th send from the k-th receive.
//
// A goroutine is a number; what an operation must not do now (receive from an empty channel) the caller knows.

#include <cstdint>
#include <string>
#include <vector>

#include "tests/detector/scripted_detector.hpp"
#include "tests/reference/reference_detector.hpp"

namespace ravel::test {

// An edge that the real detector is not told of, or one that it is told of too much: what the comparison must find.
enum class fault {
  none,
  go, chan_send, chan_receive, rendezvous, close, mutex, reader_to_writer, writer_to_reader, wait_group, once, cond, timer,
  atomic_order, failed_exchange_order, fence, annotation, stack_reuse, allocation,
  reader_to_reader, sleeping_orders,
};

struct channel {
  int first_object;               // one for each slot, then that of close
  int capacity;
  std::uintptr_t state;           // of the pseudo-variable "send races with close"
  bool closed = false;
  std::vector<dense_clock> sent, received;
  dense_clock closed_with;

  std::size_t length() const { return sent.size() - received.size(); }
};
struct read_write_lock { int writers, readers; dense_clock written, read; };
struct counter { int object; std::uintptr_t reuse; int count = 0; dense_clock done; };

class compared_detectors {
 public:
  explicit compared_detectors(fault f = fault::none) : fault_(f) {}

  int go(int parent, std::uintptr_t stack = 0, std::size_t stack_size = 0);
  void end(int g) { real_.end(g); }

  channel make_channel(int capacity);
  read_write_lock make_read_write_lock();
  counter make_counter();
  int make_object() { return objects_++; }

  void send(int g, channel& c);
  void receive(int g, channel& c);
  void receive_closed(int g, channel& c);
  void meet(int sender, int receiver, channel& c);
  void close(int g, channel& c);
  void lock(int g, int mutex);
  void unlock(int g, int mutex);
  void write_lock(int g, read_write_lock& l);
  void write_unlock(int g, read_write_lock& l);
  void read_lock(int g, read_write_lock& l);
  void read_unlock(int g, read_write_lock& l);
  void add(int g, counter& w);
  void done(int g, counter& w);
  void wait(int g, counter& w, bool blocks);
  void once_done(int g, int once);
  void once_seen(int g, int once);
  void signal(int g, int woken);
  void start_timer(int g, int timer);
  void receive_from_timer(int timer, int slot, int g);
  void sleep(int g, int other);
  void acquire(int g, int object);
  void release(int g, int object, bool merge);
  void fence(int g, std::uint32_t order);

  void access(int g, std::uintptr_t address, std::size_t size, bool write, unsigned point);
  void atomic(int g, std::uintptr_t address, std::uint32_t size, std::uint32_t kind, std::uint32_t order, std::uint32_t failure, bool succeeds);
  void free(int g, std::uintptr_t address, std::size_t size);
  void allocate(std::uintptr_t address, std::size_t size);

  std::uintptr_t memory() const { return real_.memory(); }
  int races() const { return races_; }
  const std::string& difference() const { return difference_; }  // the first one; empty: they agreed so far

 private:
  bool off(fault f) const { return fault_ == f; }
  void compare(bool expected, bool found, const char* what, int g, std::uintptr_t address, std::size_t size);
  void mark(int g, std::uintptr_t object, hooks::marker m, bool write);

  fault fault_;
  scripted_detector real_;
  reference_detector reference_;
  int objects_ = 0;
  std::size_t markers_ = 0;
  int races_ = 0;
  std::string difference_;
};

}  // namespace ravel::test
