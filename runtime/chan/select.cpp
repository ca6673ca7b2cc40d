// select, in two ways. The short one: look at the cases without a lock, choose among those that look ready, and do that one operation under
// its channel's lock alone. It stands for the instant of that operation: other cases may be ready then, but they need not be chosen. The
// long one, when nothing looked ready: all channels are locked in address order, so that "no case is ready" is true at one instant; then
// the default, or waiting on all. Go runtime/select.go has the long one only.
//
// Invariants: a waiting select has a waiter in the list of each case, all with one `claimed`; whoever claims it moves that case's element
// and makes the goroutine ready; the others stay in their lists, passed over by pop_front, until the goroutine takes them out itself.

#include <algorithm>
#include <cstddef>
#include <new>
#include <type_traits>

#include "runtime/chan/chan_core.hpp"
#include "runtime/hooks/order.hpp"
#include "runtime/include/ravel/select.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

namespace {

// Arrays of up to `few` elements live on the goroutine's stack: no select that is written out by hand allocates.
constexpr std::size_t few = 8;

template <class T>
class scratch {
 public:
  explicit scratch(std::size_t n) : at_(n <= few ? reinterpret_cast<T*>(near_) : static_cast<T*>(::operator new(n * sizeof(T)))) {}
  ~scratch() {
    if (at_ != reinterpret_cast<T*>(near_)) ::operator delete(at_);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  T& operator[](std::size_t i) { return at_[i]; }
  T* data() { return at_; }

 private:
  static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignof(std::max_align_t));
  alignas(T) unsigned char near_[few * sizeof(T)];
  T* at_;
};

struct selection {
  chan_core** channels;   // each once, in address order
  std::size_t count;
  void lock() { for (std::size_t i = 0; i < count; ++i) as_lock(channels[i]->lock).lock(); }
  // Last first: the goroutine may run again after the first unlock. It leaves the select only when channels[0] is unlocked too: either
  // that one woke it, or it takes that lock to leave the list.
  void unlock() { for (std::size_t i = count; i-- > 0;) as_lock(channels[i]->lock).unlock(); }
};

bool looks_ready(const select_op& op) {
  return op.kind == select_kind::send ? send_looks_ready(*op.core) : receive_looks_ready(*op.core);
}

// Under the lock of op's channel, but for a send on a closed channel: then that lock alone is released.
bool perform(select_op& op, sched::goroutine*& wake) {
  if (op.kind == select_kind::send) return op.moved = send_locked(*op.core, op.element, wake);
  return receive_locked(*op.core, op.element, op.moved, wake);
}

// Takes one of `ready` at random out of it; in a controlled run the one that is chosen, by who keeps the order if somebody does.
std::size_t take_one(scratch<std::size_t>& ready, std::size_t& n) {
  if (hooks::order_keeper* k = hooks::keeps_order(); k != nullptr && n != 1) {
    const std::uint32_t wanted = k->wanted(hooks::op::select);
    for (std::size_t i = 0; i < n; ++i) {
      if (ready[i] == wanted) k->settles(static_cast<std::uint32_t>(i));
    }
  }
  const std::size_t at = n == 1 ? 0 : sched::choose_index(static_cast<std::uint32_t>(n));
  const std::size_t i = ready[at];
  ready[at] = ready[--n];
  return i;
}

wait_list& list_of(const select_op& op) { return op.kind == select_kind::send ? op.core->senders : op.core->receivers; }

// The whole select is one step, of all its channels.
[[gnu::noinline]] void announce(const select_op* ops, std::size_t count, std::uintptr_t frame, std::uintptr_t place) {
  scratch<const void*> channels(count);
  std::uint16_t n = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (ops[i].core != nullptr) channels[n++] = ops[i].core;
  }
  if (n == 0) return;
  hooks::detail::point({hooks::op::select, hooks::touch::writes, static_cast<std::uint16_t>(n - 1), channels[0], channels.data() + 1, frame, place},
                       nullptr, hooks::wait_reason::none);
}

// What came of a select, in the order of what is done to its channels: a case's index, or one of these.
constexpr std::uint32_t defaulted = 190, waits = 191;
void tell_order(chan_core* const* channels, std::size_t count, std::size_t outcome) {
  hooks::order_keeper* k = hooks::keeps_order();
  if (k == nullptr) return;
  scratch<hooks::order_keeper::owned> objects(count);
  for (std::size_t i = 0; i < count; ++i) objects[i] = in_order(channels[i], channels[i]->order);
  k->took(hooks::op::select, static_cast<std::uint32_t>(outcome), objects.data(), count);
}

// The waiters of a select that an exception ends leave their lists.
struct leaves_all_lists {
  select_op* ops;
  waiter* waiters;
  std::size_t count;
  ~leaves_all_lists() {
    if constexpr (!hooks::enabled) return;
    for (std::size_t i = 0; i < count; ++i) {
      if (ops[i].core != nullptr) remove(list_of(ops[i]), waiters[i]);
    }
  }
};

[[gnu::noinline]] std::size_t choose_among_all(select_op* ops, std::size_t count, std::size_t otherwise) {
  scratch<chan_core*> channels(count);
  scratch<std::size_t> ready(count);
  selection s{channels.data(), 0};
  for (std::size_t i = 0; i < count; ++i) {
    if (ops[i].core != nullptr) channels[s.count++] = ops[i].core;
  }
  std::sort(s.channels, s.channels + s.count);
  s.count = static_cast<std::size_t>(std::unique(s.channels, s.channels + s.count) - s.channels);

  s.lock();
  std::size_t candidates = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (ops[i].core != nullptr && looks_ready(ops[i])) ready[candidates++] = i;
  }
  while (candidates != 0) {
    const std::size_t i = take_one(ready, candidates);
    if (ops[i].kind == select_kind::send && ops[i].core->closed) {
      s.unlock();
      throw panic_error("send on closed channel");
    }
    sched::goroutine* wake = nullptr;
    if (!perform(ops[i], wake)) continue;  // its partner, another select, was decided meanwhile
    tell_order(s.channels, s.count, i);
    s.unlock();
    if (wake != nullptr) sched::ready(*wake);
    hooks::progressed();
    return i;
  }
  tell_order(s.channels, s.count, otherwise != count ? defaulted : waits);
  if (otherwise != count) {
    s.unlock();
    return otherwise;
  }

  // Of several cases of one channel the one that is queued first is served, so that must be any of them.
  std::size_t queued = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (ops[i].core != nullptr) ready[queued++] = i;
  }
  const bool in_any_order = queued != s.count;
  std::atomic<int> claimed{-1};
  scratch<waiter> waiters(count);
  while (queued != 0) {
    const std::size_t i = in_any_order ? take_one(ready, queued) : ready[--queued];
    waiter& w = *::new (&waiters[i]) waiter;
    w.g = &sched::current();
    w.element = ops[i].element;
    w.claimed = &claimed;
    w.index = static_cast<int>(i);
    push_back(list_of(ops[i]), w);
  }
  const leaves_all_lists at_the_end{ops, waiters.data(), count};
  const hooks::waited_objects all{reinterpret_cast<const void* const*>(s.channels), s.count};
  sched::park([](void* p) { static_cast<selection*>(p)->unlock(); }, &s,
              s.count == 0 ? hooks::wait_reason::select_no_cases : hooks::wait_reason::select, &all);
  const auto chosen = static_cast<std::size_t>(claimed.load(std::memory_order_acquire));
  for (std::size_t i = 0; i < count; ++i) {
    if (i == chosen || ops[i].core == nullptr) continue;
    as_lock(ops[i].core->lock).lock();
    remove(list_of(ops[i]), waiters[i]);
    as_lock(ops[i].core->lock).unlock();
  }
  ops[chosen].moved = waiters[chosen].moved;
  if (ops[chosen].kind == select_kind::send && !ops[chosen].moved) throw panic_error("send on closed channel");
  return chosen;
}

std::size_t choose_now_or_later(select_op* ops, std::size_t count) {
  if (hooks::maybe_controlled()) {
    announce(ops, count, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)), reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)));
  }
  std::size_t otherwise = count, channels = 0, candidates = 0;
  scratch<std::size_t> ready(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (ops[i].kind == select_kind::otherwise) otherwise = i;
    if (ops[i].core == nullptr) continue;
    ++channels;
    if (ops[i].kind == select_kind::send) mark_send_attempt(*ops[i].core);
    if (looks_ready(ops[i])) ready[candidates++] = i;
  }
  while (candidates != 0) {
    const std::size_t i = take_one(ready, candidates);
    sched::goroutine* wake = nullptr;
    as_lock(ops[i].core->lock).lock();
    const bool done = perform(ops[i], wake);
    if (done) tell_order(&ops[i].core, 1, i);
    as_lock(ops[i].core->lock).unlock();
    if (wake != nullptr) sched::ready(*wake);
    if (done) {
      hooks::progressed();
      return i;
    }
  }
  if (channels <= 1 && otherwise != count && !hooks::looks_need_locks()) return otherwise;  // one channel: what was seen of it was true at one instant
  return choose_among_all(ops, count, otherwise);
}

}  // namespace

std::size_t choose(select_op* ops, std::size_t count) {
  const std::size_t chosen = choose_now_or_later(ops, count);
  if (const select_op& op = ops[chosen]; op.kind == select_kind::receive && op.moved) tell_use(*op.core, hooks::channel_use::receive);
  return chosen;
}

}  // namespace detail

std::size_t select(std::span<select_case> cases) {
  detail::scratch<detail::select_op> ops(cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) ops[i] = cases[i].get()->operation();
  const std::size_t chosen = detail::choose(ops.data(), cases.size());
  cases[chosen].get()->finish(ops[chosen].moved);
  return chosen;
}

} }
