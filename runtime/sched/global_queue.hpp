#pragma once
// Runnable goroutines that no processor has: a ring that grows, guarded by global.lock. An array and not a list through the goroutines, each of
// which is on a page of its own: passing on 128 of them touches two pages instead of 128.

#include <cstddef>

namespace ravel::sched {

struct goroutine;

class global_queue {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  void push(goroutine* g) {
    if (size_ == capacity_) grow();
    slots_[(first_ + size_++) & (capacity_ - 1)] = g;
  }
  goroutine* pop() {  // not empty
    goroutine* g = slots_[first_];
    first_ = (first_ + 1) & (capacity_ - 1);
    --size_;
    return g;
  }

 private:
  void grow() {
    const std::size_t more = capacity_ == 0 ? 256 : 2 * capacity_;
    auto** larger = new goroutine*[more];
    for (std::size_t i = 0; i < size_; ++i) larger[i] = slots_[(first_ + i) & (capacity_ - 1)];
    delete[] slots_;
    slots_ = larger;
    capacity_ = more;
    first_ = 0;
  }

  goroutine** slots_ = nullptr;  // not given back at exit: other goroutines run on until the process is gone
  std::size_t capacity_ = 0;   // a power of two
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace ravel::sched
