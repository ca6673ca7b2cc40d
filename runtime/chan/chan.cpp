#include <memory>
#include <new>

#include "runtime/chan/chan_core.hpp"
#include "runtime/diag/check.hpp"
#include "runtime/hooks/order.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

namespace {

using hooks::operation;

void exchange_slot([[maybe_unused]] chan_core& c, [[maybe_unused]] std::size_t i, [[maybe_unused]] sched::goroutine& g,
                   [[maybe_unused]] operation op) {
  if constexpr (hooks::enabled) hooks::sink().exchange(g, as_object(c.slots[i]), op);
}
void exchange_slot([[maybe_unused]] chan_core& c, [[maybe_unused]] std::size_t i, [[maybe_unused]] operation op) {
  if constexpr (hooks::enabled) hooks::sink().exchange(sched::current(), as_object(c.slots[i]), op);
}

[[noreturn]] void panic_unlocked(chan_core& c, const char* what) {
  as_lock(c.lock).unlock();
  throw panic_error(what);
}

std::size_t length_in_order(const chan_core& c) noexcept {
  auto& mine = const_cast<chan_core&>(c);
  auto& lock = as_lock(mine.lock);
  lock.lock();
  const std::size_t n = c.length;
  hooks::took(hooks::op::chan_look, in_order(&c, mine.order), n < 100 ? static_cast<std::uint32_t>(n) : 100);
  lock.unlock();
  return n;
}

constexpr std::size_t cache_line = 64;

void destroy(chan_core* c) {
  if (c->capacity == 0) {
    delete c;
  } else {
    std::destroy_at(c);
    ::operator delete(c, std::align_val_t(cache_line));
  }
}

}  // namespace

void mark_send_attempt([[maybe_unused]] chan_core& c) {
  tell_use(c, hooks::channel_use::send);
  if constexpr (hooks::enabled) hooks::sink().marker_read(sched::current(), c.state_marker, hooks::marker::channel_state);
}

bool send_locked(chan_core& c, void* value, sched::goroutine*& wake) {
  if (c.closed) panic_unlocked(c, "send on closed channel");
  if (waiter* r = pop_front(c.receivers)) {
    if (c.capacity == 0) {
      if constexpr (hooks::enabled) hooks::sink().rendezvous(sched::current(), *r->g, operation::chan_send);
    } else {
      exchange_slot(c, c.receive_index, operation::chan_send);
      exchange_slot(c, c.receive_index, *r->g, operation::chan_receive);
      c.receive_index = c.send_index = c.after(c.receive_index);
    }
    c.move(r->element, value);
    r->moved = true;
    wake = r->g;
    return true;
  }
  if (c.length == c.capacity) return false;
  exchange_slot(c, c.send_index, operation::chan_send);
  c.move(c.slot(c.send_index), value);
  c.send_index = c.after(c.send_index);
  c.set_length(c.length + 1);
  return true;
}

bool receive_locked(chan_core& c, void* storage, bool& moved, sched::goroutine*& wake) {
  moved = true;
  if (c.length != 0) {
    const std::size_t i = c.receive_index;
    exchange_slot(c, i, operation::chan_receive);
    c.move(storage, c.slot(i));
    c.receive_index = c.after(i);
    if (waiter* s = pop_front(c.senders)) {  // the buffer was full: the longest sender's element takes the free slot
      exchange_slot(c, i, *s->g, operation::chan_send);
      c.move(c.slot(c.send_index), s->element);
      c.send_index = c.after(c.send_index);
      s->moved = true;
      wake = s->g;
    } else {
      c.set_length(c.length - 1);
    }
    return true;
  }
  if (c.closed) {
    if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), as_object(c.close_clock), operation::chan_receive);
    moved = false;
    return true;
  }
  if (waiter* s = pop_front(c.senders)) {  // unbuffered
    if constexpr (hooks::enabled) hooks::sink().rendezvous(sched::current(), *s->g, operation::chan_receive);
    c.move(storage, s->element);
    s->moved = true;
    wake = s->g;
    return true;
  }
  return false;
}

chan_core* make_core(std::size_t capacity, const element_type& type) {
  // Aligned memory costs more to come by; contexts make many channels without a buffer.
  auto* c = capacity == 0 ? new chan_core : ::new (::operator new(sizeof(chan_core), std::align_val_t(cache_line))) chan_core;
  RAVEL_CHECK(static_cast<void*>(static_cast<chan_front*>(c)) == c);  // where headers look for it
  c->type = type;
  c->capacity = capacity;
  try {
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(capacity, type.size, &bytes)) throw std::bad_alloc();
    if (bytes != 0) c->buffer = static_cast<unsigned char*>(::operator new(bytes, std::align_val_t(type.alignment)));
    if (hooks::enabled && capacity != 0) c->slots = new clock_storage[capacity];
  } catch (...) {
    if (c->buffer != nullptr) ::operator delete(c->buffer, std::align_val_t(type.alignment));
    destroy(c);
    throw;
  }
#if RAVEL_RACE
  if (hooks::sink().wants_all_channels()) [[unlikely]] {
    if (sched::goroutine* g = sched::current_if_any()) hooks::sink().channel_made(*g, c, c->watched);
  }
#endif
  return c;
}

void core_owned([[maybe_unused]] chan_core* c) {
#if RAVEL_RACE
  if (c != nullptr) hooks::sink().channel_owned(sched::current(), c, c->watched);
#endif
}

#if RAVEL_RACE
constexpr std::uint64_t one_change = std::uint64_t{1} << 32;
void count_receiving(chan_core* c) noexcept {
  if (c != nullptr) c->receiving.fetch_add(one_change + 1, std::memory_order_seq_cst);
}
void uncount_receiving(chan_core* c) noexcept {
  if (c != nullptr) c->receiving.fetch_add(one_change - 1, std::memory_order_seq_cst);
}
#endif

void retain(chan_core* c) noexcept { add_to(c->references, 1, std::memory_order_relaxed); }

void release(chan_core* c) noexcept {
  if (c->let_go != nullptr) [[unlikely]] return c->let_go(c);
  if (add_to(c->references, std::uint32_t{0} - 1, std::memory_order_acq_rel) != 1) return;
  for (; c->length != 0; --c->length) {
    // The last holder destroys what others sent: their sends come before.
    if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), as_object(c->slots[c->receive_index]), operation::chan_receive);
    if (c->type.destroy != nullptr) c->type.destroy(c->slot(c->receive_index));
    c->receive_index = c->after(c->receive_index);
  }
  if constexpr (hooks::enabled) {
    for (std::size_t i = 0; i < c->capacity; ++i) hooks::destroyed(as_object(c->slots[i]));
    hooks::destroyed(as_object(c->close_clock));
#if RAVEL_RACE
    if (c->watched.record != nullptr) hooks::sink().channel_gone(c->watched);
#endif
    hooks::sink().marker_destroyed(c->state_marker);  // else freeing it would race with the sends of those who held a handle
  }
  // Ours, not the user's: another's send attempt, marked in the core, need not be ordered before this free.
  const unchecked_frees unchecked;
  delete[] c->slots;
  if (c->buffer != nullptr) ::operator delete(c->buffer, std::align_val_t(c->type.alignment));
  destroy(c);
}

void core_send(chan_core* c, void* value) {
  if (c == nullptr) sched::park(nullptr, nullptr, hooks::wait_reason::chan_send_nil, nullptr);
  RAVEL_POINT(chan_send, writes, c);
  mark_send_attempt(*c);
  as_lock(c->lock).lock();
  hooks::took(hooks::op::chan_send, in_order(c, c->order));
  sched::goroutine* wake = nullptr;
  if (send_locked(*c, value, wake)) {
    as_lock(c->lock).unlock();
    if (wake != nullptr) sched::ready(*wake);
    return;
  }
  waiter w;
  w.g = &sched::current();
  w.element = value;
  push_back(c->senders, w);
  const leaves_list at_the_end(c->senders, w);
  sched::park(unlock_short, &c->lock, hooks::wait_reason::chan_send, c);
  if (!w.moved) throw panic_error("send on closed channel");
}

bool core_recv(chan_core* c, void* storage) {
  if (c == nullptr) sched::park(nullptr, nullptr, hooks::wait_reason::chan_receive_nil, nullptr);
  RAVEL_POINT(chan_receive, writes, c);
  as_lock(c->lock).lock();
  hooks::took(hooks::op::chan_receive, in_order(c, c->order));
  sched::goroutine* wake = nullptr;
  bool moved = false;
  if (receive_locked(*c, storage, moved, wake)) {
    as_lock(c->lock).unlock();
    if (wake != nullptr) sched::ready(*wake);
    if (moved) tell_use(*c, hooks::channel_use::receive);
    return moved;
  }
  waiter w;
  w.g = &sched::current();
  w.element = storage;
  push_back(c->receivers, w);
  const leaves_list at_the_end(c->receivers, w);
  sched::park(unlock_short, &c->lock, hooks::wait_reason::chan_receive, c);
  if (w.moved) tell_use(*c, hooks::channel_use::receive);
  return w.moved;
}

bool core_try_send(chan_core* c, void* value) {
  if (c == nullptr) return false;
  RAVEL_POINT(chan_look, writes, c);
  mark_send_attempt(*c);
  if (!hooks::looks_need_locks() && !send_looks_ready(*c)) return false;
  as_lock(c->lock).lock();
  sched::goroutine* wake = nullptr;
  const bool sent = send_locked(*c, value, wake);
  hooks::took(hooks::op::chan_look, in_order(c, c->order), sent);
  if (sent) hooks::progressed();
  as_lock(c->lock).unlock();
  if (wake != nullptr) sched::ready(*wake);
  return sent;
}

recv_status core_try_recv(chan_core* c, void* storage) {
  if (c == nullptr) return recv_status::empty;
  RAVEL_POINT(chan_look, writes, c);
  if (!hooks::looks_need_locks() && !receive_looks_ready(*c)) return recv_status::empty;
  as_lock(c->lock).lock();
  sched::goroutine* wake = nullptr;
  bool moved = false;
  const bool done = receive_locked(*c, storage, moved, wake);
  hooks::took(hooks::op::chan_look, in_order(c, c->order), done);
  as_lock(c->lock).unlock();
  if (wake != nullptr) sched::ready(*wake);
  if (!done) return recv_status::empty;
  hooks::progressed();
  if (moved) tell_use(*c, hooks::channel_use::receive);
  return moved ? recv_status::received : recv_status::closed;
}

void core_close(chan_core* c) {
  if (c == nullptr) throw panic_error("close of nil channel");
  RAVEL_POINT(chan_close, writes, c);
  tell_use(*c, hooks::channel_use::close);
  as_lock(c->lock).lock();
  hooks::took(hooks::op::chan_close, in_order(c, c->order));
  // Before the check: a close that comes second has raced with the first all the same.
  if constexpr (hooks::enabled) hooks::sink().marker_write(sched::current(), c->state_marker, hooks::marker::channel_state);
  if (c->closed) panic_unlocked(*c, "close of closed channel");
  if constexpr (hooks::enabled) {
    hooks::sink().release(sched::current(), as_object(c->close_clock), operation::chan_close);
  }
  __atomic_store_n(&c->closed, true, __ATOMIC_RELEASE);
  wait_list woken;
  for (wait_list* l : {&c->receivers, &c->senders}) {
    while (waiter* w = pop_front(*l)) {
      if constexpr (hooks::enabled) hooks::sink().acquire(*w->g, as_object(c->close_clock), operation::chan_receive);
      w->claimed = nullptr;  // decided: only this list wakes it
      push_back(woken, *w);
    }
  }
  as_lock(c->lock).unlock();
  while (waiter* w = pop_front(woken)) sched::ready(*w->g);
}

std::size_t core_len(const chan_core* c) noexcept {
  if (c == nullptr) return 0;
  RAVEL_POINT(chan_look, reads, c);
  if (hooks::looks_need_locks()) return length_in_order(*c);
  return __atomic_load_n(&c->length, __ATOMIC_RELAXED);
}
std::size_t core_cap(const chan_core* c) noexcept { return c == nullptr ? 0 : c->capacity; }

}  // namespace detail
} }

namespace ravel::hooks {

channel_facts facts_of_channel(const void* core) noexcept {
  const auto& c = *static_cast<const ravel::detail::chan_core*>(core);
  return {__atomic_load_n(&c.length, __ATOMIC_RELAXED), c.capacity, __atomic_load_n(&c.closed, __ATOMIC_RELAXED),
          ravel::detail::has_senders(c)};
}

}  // namespace ravel::hooks
