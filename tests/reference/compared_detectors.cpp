#include "tests/reference/compared_detectors.hpp"

#include "runtime/abi/ravel_abi.h"

namespace ravel::test {

using detector::access_class;

namespace {

constexpr std::uintptr_t first_marker = 3072;  // in the script's memory, beyond what programs use

bool acquires(std::uint32_t order) { return order == RAVEL_ORDER_ACQUIRE || order == RAVEL_ORDER_ACQ_REL || order == RAVEL_ORDER_SEQ_CST; }
bool releases(std::uint32_t order) { return order == RAVEL_ORDER_RELEASE || order == RAVEL_ORDER_ACQ_REL || order == RAVEL_ORDER_SEQ_CST; }

}  // namespace

int compared_detectors::go(int parent, std::uintptr_t stack, std::size_t stack_size) {
  const bool told_of_stack = !off(fault::stack_reuse);
  const int g = real_.go(off(fault::go) ? -1 : parent, told_of_stack ? stack : 0, told_of_stack ? stack + stack_size : 0);
  reference_.start(parent);
  reference_.reset(stack, stack_size);
  return g;
}

channel compared_detectors::make_channel(int capacity) {
  channel c{objects_, capacity, memory() + first_marker + 8 * markers_++, false, {}, {}, {}};
  objects_ += capacity + 1;
  return c;
}
read_write_lock compared_detectors::make_read_write_lock() {
  objects_ += 2;
  return {objects_ - 2, objects_ - 1, {}, {}};
}
counter compared_detectors::make_counter() { return {objects_++, memory() + first_marker + 8 * markers_++, 0, {}}; }

void compared_detectors::send(int g, channel& c) {
  mark(g, c.state, hooks::marker::channel_state, false);
  const auto capacity = static_cast<std::size_t>(c.capacity);
  const std::size_t k = c.sent.size();
  if (!off(fault::chan_send)) real_.exchange(g, c.first_object + static_cast<int>(k % capacity));
  c.sent.push_back(reference_.clock(g));
  if (k >= capacity) join(reference_.clock(g), c.received[k - capacity]);
  reference_.tick(g);
}

void compared_detectors::receive(int g, channel& c) {
  const auto capacity = static_cast<std::size_t>(c.capacity);
  const std::size_t k = c.received.size();
  if (!off(fault::chan_receive)) real_.exchange(g, c.first_object + static_cast<int>(k % capacity));
  c.received.push_back(reference_.clock(g));
  join(reference_.clock(g), c.sent[k]);
  reference_.tick(g);
}

void compared_detectors::receive_closed(int g, channel& c) {
  if (!off(fault::close)) real_.acquire(g, c.first_object + c.capacity);
  join(reference_.clock(g), c.closed_with);
}

void compared_detectors::meet(int sender, int receiver, channel& c) {
  mark(sender, c.state, hooks::marker::channel_state, false);
  if (!off(fault::rendezvous)) real_.rendezvous(sender, receiver);
  reference_.rendezvous(sender, receiver);
}

void compared_detectors::close(int g, channel& c) {
  mark(g, c.state, hooks::marker::channel_state, true);
  real_.release(g, c.first_object + c.capacity);
  c.closed_with = reference_.clock(g);
  reference_.tick(g);
  c.closed = true;
}

void compared_detectors::lock(int g, int mutex) {
  real_.retaken(g, mutex);
  if (!off(fault::mutex)) real_.acquire(g, mutex);
  real_.lock_acquired(g, mutex, false);
  reference_.acquire(g, mutex);
}
void compared_detectors::unlock(int g, int mutex) {
  real_.lock_released(g, mutex, false);
  real_.release(g, mutex);
  reference_.release(g, mutex);
}

void compared_detectors::write_lock(int g, read_write_lock& l) {
  real_.retaken(g, l.writers);
  real_.acquire(g, l.writers);
  if (!off(fault::reader_to_writer)) real_.acquire(g, l.readers);
  real_.forget(l.readers);
  real_.lock_acquired(g, l.writers, false);
  join(reference_.clock(g), l.written);
  join(reference_.clock(g), l.read);
}
void compared_detectors::write_unlock(int g, read_write_lock& l) {
  real_.lock_released(g, l.writers, false);
  real_.release(g, l.writers);
  l.written = reference_.clock(g);
  reference_.tick(g);
}
void compared_detectors::read_lock(int g, read_write_lock& l) {
  real_.retaken(g, l.readers);
  if (!off(fault::writer_to_reader)) real_.acquire(g, l.writers);
  if (off(fault::reader_to_reader)) real_.acquire(g, l.readers);
  real_.lock_acquired(g, l.writers, true);
  join(reference_.clock(g), l.written);
}
// The naive one never forgets a reader: a writer that knows of it makes no difference.
void compared_detectors::read_unlock(int g, read_write_lock& l) {
  real_.lock_released(g, l.writers, true);
  real_.release_merge(g, l.readers);
  join(l.read, reference_.clock(g));
  reference_.tick(g);
}

void compared_detectors::add(int g, counter& w) {
  if (w.count++ == 0) mark(g, w.reuse, hooks::marker::wait_group_reuse, false);
}
void compared_detectors::done(int g, counter& w) {
  --w.count;
  if (!off(fault::wait_group)) real_.release_merge(g, w.object);
  join(w.done, reference_.clock(g));
  reference_.tick(g);
}
void compared_detectors::wait(int g, counter& w, bool blocks) {
  if (blocks) mark(g, w.reuse, hooks::marker::wait_group_reuse, true);
  real_.acquire(g, w.object);
  join(reference_.clock(g), w.done);
}

void compared_detectors::once_done(int g, int once) {
  real_.release(g, once);
  reference_.release(g, once);
}
void compared_detectors::once_seen(int g, int once) {
  if (!off(fault::once)) real_.acquire(g, once);
  reference_.acquire(g, once);
}

void compared_detectors::signal(int g, int woken) {
  if (!off(fault::cond)) real_.handoff(g, woken);
  reference_.handoff(g, woken);
}

void compared_detectors::start_timer(int g, int timer) {
  real_.release(g, timer);
  reference_.release(g, timer);
}
void compared_detectors::receive_from_timer(int timer, int slot, int g) {
  if (!off(fault::timer)) {
    real_.transfer(timer, slot);
    real_.exchange(g, slot);
  }
  reference_.acquire(g, timer);
  reference_.tick(g);
}

// Time passes, and orders nothing.
void compared_detectors::sleep(int g, int other) {
  if (off(fault::sleeping_orders) && g != other) real_.handoff(other, g);
}

void compared_detectors::acquire(int g, int object) {
  if (!off(fault::annotation)) real_.acquire(g, object);
  reference_.acquire(g, object);
}
void compared_detectors::release(int g, int object, bool merge) {
  merge ? real_.release_merge(g, object) : real_.release(g, object);
  merge ? reference_.release_merge(g, object) : reference_.release(g, object);
}

void compared_detectors::fence(int g, std::uint32_t order) {
  if (!off(fault::fence)) real_.fence(g, order);
  reference_.fence(g, acquires(order), releases(order));
}

void compared_detectors::access(int g, std::uintptr_t address, std::size_t size, bool write, unsigned point) {
  const bool expected = reference_.access(g, address, size, write ? access_class::plain_write : access_class::plain_read);
  compare(expected, real_.access(g, address, size, write, point), write ? "write" : "read", g, address, size);
}

void compared_detectors::atomic(int g, std::uintptr_t address, std::uint32_t size, std::uint32_t kind, std::uint32_t order, std::uint32_t failure,
                                bool succeeds) {
  const bool loads = kind != RAVEL_ATOMIC_STORE, stores = kind != RAVEL_ATOMIC_LOAD && succeeds;
  const std::uint32_t in_effect = succeeds ? order : failure;
  const bool expected = reference_.access(g, address, size, stores ? access_class::atomic_write : access_class::atomic_read);
  reference_.atomic(g, address, loads, stores, acquires(in_effect), releases(in_effect));
  if (off(fault::atomic_order)) order = RAVEL_ORDER_RELAXED;
  if (off(fault::failed_exchange_order)) failure = order;
  compare(expected, real_.atomic(g, address, size, kind, order, failure, succeeds), "atomic operation", g, address, size);
}

void compared_detectors::free(int g, std::uintptr_t address, std::size_t size) {
  const bool expected = reference_.access(g, address, size, access_class::plain_write);
  compare(expected, real_.free(g, address, size), "free", g, address, size);
}

void compared_detectors::allocate(std::uintptr_t address, std::size_t size) {
  if (!off(fault::allocation)) real_.allocate(address, size);
  reference_.allocate(address, size);
}

// The promise is the first race of every byte: what was raced for begins a new life, in both.
void compared_detectors::compare(bool expected, bool found, const char* what, int g, std::uintptr_t address, std::size_t size) {
  if (expected != found && difference_.empty()) {
    difference_ = std::string(expected ? "missed a race: " : "false alarm: ") + what + " of goroutine " + std::to_string(g) + ", " +
                  std::to_string(size) + " bytes at +" + std::to_string(address - memory());
  }
  if (!expected && !found) return;
  ++races_;
  const std::uintptr_t first = address & ~std::uintptr_t{7}, end = (address + size + 7) & ~std::uintptr_t{7};
  real_.reset(first, end - first);
  reference_.reset(first, end - first);
}

void compared_detectors::mark(int g, std::uintptr_t object, hooks::marker m, bool write) {
  const bool expected = reference_.access(g, object, 8, write ? access_class::plain_write : access_class::plain_read);
  compare(expected, real_.marker(g, object, m, write), m == hooks::marker::channel_state ? "use of a channel" : "use of a wait group", g, object, 8);
}

}  // namespace ravel::test
