#include "tests/reference/random_program.hpp"

#include <algorithm>

#include "detector/race/collector.hpp"
#include "runtime/abi/ravel_abi.h"

namespace ravel::test {

namespace {

// Where things lie in the script's memory.
constexpr std::uintptr_t shared_at = 248;  // across the border of two blocks
constexpr std::uintptr_t heap_at = 1024, stacks_at = 2048;
constexpr std::size_t block_size = 40, stack_size = 64;
constexpr int blocks = 8, stacks = 8;

constexpr std::uint32_t orders[] = {RAVEL_ORDER_RELAXED, RAVEL_ORDER_ACQUIRE, RAVEL_ORDER_RELEASE, RAVEL_ORDER_ACQ_REL, RAVEL_ORDER_SEQ_CST};
constexpr std::uint32_t failure_orders[] = {RAVEL_ORDER_RELAXED, RAVEL_ORDER_ACQUIRE, RAVEL_ORDER_SEQ_CST};

}  // namespace

random_program::random_program(std::uint64_t seed, const program_shape& shape, fault f) : random_(seed), shape_(shape), both_(f) {
  for (int i = stacks; i-- > 0;) free_stacks_.push_back(i);
  for (int i = 0; i < shape.objects; ++i) {
    channels_.push_back(both_.make_channel(pick(4)));
    mutexes_.push_back({both_.make_object()});
    shared_locks_.push_back({both_.make_read_write_lock(), -1, {}});
    counters_.push_back(both_.make_counter());
    onces_.push_back({both_.make_object()});
    timers_.push_back(both_.make_object());
    slots_.push_back(both_.make_object());
    annotated_.push_back(both_.make_object());
  }
  blocks_.resize(blocks);
  start(-1);
}

std::string random_program::run() {
  for (int i = 0; i < shape_.events; ++i) {
    if (shape_.collect_every != 0 && i % shape_.collect_every == 0) detector::collect();
    step();
    if (!both_.difference().empty()) return "event " + std::to_string(i) + ": " + both_.difference();
  }
  return "";
}

void random_program::start(int parent) {
  int stack = -1;
  if (!free_stacks_.empty() && chance(70)) {
    stack = free_stacks_.back();
    free_stacks_.pop_back();
  }
  const std::uintptr_t at = both_.memory() + stacks_at + static_cast<std::uintptr_t>(stack) * stack_size;
  live_.push_back(stack < 0 ? both_.go(parent) : both_.go(parent, at, stack_size));
  stack_of_.push_back(stack);
}

void random_program::end(int g) {
  both_.end(g);
  std::erase(live_, g);
  if (const int stack = stack_of_[static_cast<std::size_t>(g)]; stack >= 0) free_stacks_.push_back(stack);
}

// A lock whose holder has ended stays locked, which would leave little for the others to do.
bool random_program::holds_any(int g) const {
  return std::ranges::any_of(mutexes_, [g](const mutex& m) { return m.holder == g; }) ||
         std::ranges::any_of(shared_locks_, [g](const shared_lock& l) { return l.writer == g || std::ranges::count(l.readers, g) != 0; });
}

void random_program::step() {
  const int g = alive();
  if (chance(shape_.sync_percent)) synchronise(g);
  else if (chance(15)) touch_atomically(g);
  else if (chance(5)) use_heap(g);
  else touch(g);
}

void random_program::synchronise(int g) {
  switch (pick(16)) {
    case 0: case 1: case 2: use_channel(g); break;
    case 3: case 4: use_lock(g); break;
    case 5: case 6: use_shared_lock(g); break;
    case 7: case 8: use_counter(g); break;
    case 9: use_once(g); break;
    case 10:
      if (const int other = alive(); other != g) chance(50) ? both_.signal(g, other) : both_.sleep(g, other);
      break;
    case 11: {
      const std::size_t i = static_cast<std::size_t>(pick(timers_.size()));
      chance(50) ? both_.start_timer(g, timers_[i]) : both_.receive_from_timer(timers_[i], slots_[i], g);
      break;
    }
    case 12: chance(50) ? both_.acquire(g, any(annotated_)) : both_.release(g, any(annotated_), chance(50)); break;
    case 13: both_.fence(g, orders[1 + pick(4)]); break;
    case 14:
      if (static_cast<int>(live_.size()) < shape_.goroutines) start(g);
      break;
    default:
      if (live_.size() > 1 && !holds_any(g)) end(g);
      break;
  }
}

void random_program::use_channel(int g) {
  channel& c = any(channels_);
  if (c.closed) {
    if (c.length() != 0) both_.receive(g, c);
    else both_.receive_closed(g, c);
    return;
  }
  if (chance(3)) return both_.close(g, c);
  if (c.capacity == 0) {
    if (const int other = alive(); other != g) both_.meet(g, other, c);
  } else if (c.length() == static_cast<std::size_t>(c.capacity) || (c.length() != 0 && chance(50))) {
    both_.receive(g, c);
  } else {
    both_.send(g, c);
  }
}

// Whoever comes may unlock: a mutex is not its owner's.
void random_program::use_lock(int g) {
  mutex& m = any(mutexes_);
  if (m.holder < 0) {
    both_.lock(g, m.object);
    m.holder = g;
  } else {
    both_.unlock(chance(80) ? m.holder : g, m.object);
    m.holder = -1;
  }
}

void random_program::use_shared_lock(int g) {
  shared_lock& l = any(shared_locks_);
  if (l.writer >= 0) {
    both_.write_unlock(l.writer, l.lock);
    l.writer = -1;
  } else if (l.readers.empty() && chance(40)) {
    both_.write_lock(g, l.lock);
    l.writer = g;
  } else if (!l.readers.empty() && chance(60)) {
    both_.read_unlock(l.readers.back(), l.lock);
    l.readers.pop_back();
  } else {
    both_.read_lock(g, l.lock);
    l.readers.push_back(g);
  }
}

void random_program::use_counter(int g) {
  counter& w = any(counters_);
  if (w.count == 0) chance(60) ? both_.add(g, w) : both_.wait(g, w, false);
  else if (chance(20)) both_.add(g, w);
  else if (w.count == 1 && chance(30)) both_.wait(g, w, true);
  else both_.done(g, w);
}

void random_program::use_once(int g) {
  once& o = any(onces_);
  if (o.done) return both_.once_seen(g, o.object);
  both_.once_done(g, o.object);
  o.done = true;
}

void random_program::use_heap(int g) {
  const std::size_t i = static_cast<std::size_t>(pick(blocks_.size()));
  const std::uintptr_t at = both_.memory() + heap_at + i * 48;
  blocks_[i].allocated ? both_.free(g, at, block_size) : both_.allocate(at, block_size);
  blocks_[i].allocated = !blocks_[i].allocated;
}

// In use or not: what lies in a freed block or a dead stack is wrongly used in every second program.
std::uintptr_t random_program::place(std::size_t size) {
  const int where = pick(10);
  if (where == 0 && size <= block_size) {
    return both_.memory() + heap_at + static_cast<std::size_t>(pick(blocks)) * 48 + static_cast<std::size_t>(pick(block_size - size + 1));
  }
  if (where == 1 && size <= stack_size) {
    return both_.memory() + stacks_at + static_cast<std::size_t>(pick(stacks)) * stack_size + static_cast<std::size_t>(pick(stack_size - size + 1));
  }
  return both_.memory() + shared_at + static_cast<std::size_t>(pick(shape_.shared - size + 1));
}

void random_program::touch(int g) {
  static constexpr std::size_t sizes[] = {1, 1, 2, 4, 4, 4, 8, 8, 16, 3, 13, 32, 5, 24, 60};
  const std::size_t size = std::min(sizes[pick(std::size(sizes))], shape_.shared);
  both_.access(g, place(size), size, pick(3) == 0, static_cast<unsigned>(pick(6)));
}

void random_program::touch_atomically(int g) {
  const std::uint32_t size = 1u << pick(4);
  const std::uintptr_t p = place(size) & ~std::uintptr_t{size - 1};
  const std::uintptr_t at = std::max(p, both_.memory() + shared_at);
  const auto kind = static_cast<std::uint32_t>(pick(4));
  both_.atomic(g, at, size, kind, orders[pick(5)], failure_orders[pick(3)], kind != RAVEL_ATOMIC_CAS || chance(60));
}

}  // namespace ravel::test
