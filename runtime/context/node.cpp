#include "runtime/context/node.hpp"

#include <mutex>
#include <utility>

#include "runtime/chan/chan_core.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

namespace {

void link(canceller& upper, canceller& c) {
  c.next = upper.children;
  if (c.next != nullptr) c.next->previous = &c;
  c.previous = nullptr;
  upper.children = &c;
  c.listed = true;
}

void unlink(canceller& upper, canceller& c) {
  (c.previous != nullptr ? c.previous->next : upper.children) = c.next;
  if (c.next != nullptr) c.next->previous = c.previous;
  c.next = c.previous = nullptr;
  c.listed = false;
}

bool try_retain(context_node& n) {
  std::uint32_t have = n.references.load(std::memory_order_relaxed);
  while (have != 0) {
    if (replace_in(n.references, have, have + 1, std::memory_order_acquire)) return true;
  }
  return false;
}

// Nobody holds c any more. True: nothing can be learned of its end either, so it goes. False: its list keeps it until the end.
bool may_go(canceller& c) {
  canceller* upper = c.upper.load(std::memory_order_relaxed);
  if (upper == nullptr || c.ended.load(std::memory_order_acquire)) return true;  // what has ended is in no list
  const bool awaited = c.children != nullptr || (c.done && c.done.core()->references.load(std::memory_order_acquire) > 1);
  {
    const std::lock_guard hold(upper->lock);
    if (c.listed) {
      if (!awaited) {
        unlink(*upper, c);
        return true;
      }
      c.orphan = true;
      c.references.store(1, std::memory_order_relaxed);
      return false;
    }
  }
  // The upper has ended, and left c alone because it was about to go.
  if (awaited) end(c, upper->err, upper->cause);
  return true;
}

// The children of a canceller that goes can never end any more: only orphans are left, and their list's reference goes with it.
void abandon_children(canceller& c, canceller*& abandoned) {
  while (canceller* child = c.children) {
    unlink(c, *child);
    child->orphan = false;
    child->upper.store(nullptr, std::memory_order_relaxed);
    child->next = abandoned;
    abandoned = child;
  }
}

// The last one to let go destroys the user's objects in the node, which all have used. Without such objects letting go orders nothing.
bool drop(context_node& n) {
  if constexpr (hooks::enabled) {
    if (n.holds_user_code.load(std::memory_order_relaxed) && n.references.load(std::memory_order_acquire) != 1) {
      hooks::sink().release_merge(sched::current(), as_object(n.dropped), hooks::operation::atomic_store);
    }
  }
  if (add_to(n.references, std::uint32_t{0} - 1, std::memory_order_acq_rel) != 1) return false;
  if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), as_object(n.dropped), hooks::operation::atomic_load);
  return true;
}

}  // namespace

context_node::context_node(const context_handle& above) : parent(above.get()) {
  if (parent == nullptr) return;
  retain(parent);
  nearest = parent->nearest;
}
context_node::~context_node() { hooks::destroyed(as_object(dropped)); }

canceller::canceller(const context_handle& above) : context_node(above), upper(nearest) {
  if (nearest != nullptr) deadline = nearest->deadline;
  nearest = this;
}
canceller::~canceller() {
  hooks::destroyed(as_object(ending));
  if (work != nullptr) work->destroy(work);
}

void retain(context_node* n) noexcept { add_to(n->references, 1, std::memory_order_relaxed); }

// Not by recursion: a chain of contexts may be longer than a goroutine's stack is deep.
void release(context_node* n) noexcept {
  canceller* abandoned = nullptr;
  for (;;) {
    while (n != nullptr && drop(*n)) {
      auto* c = n->nearest == n ? static_cast<canceller*>(n) : nullptr;
      context_node* parent = std::exchange(n->parent, nullptr);
      if (c == nullptr || may_go(*c)) {
        if (c != nullptr) abandon_children(*c, abandoned);
        delete n;
      }
      n = parent;
    }
    if (abandoned == nullptr) return;
    n = std::exchange(abandoned, abandoned->next);
  }
}

bool has_ended(canceller& c) {
  if (!c.ended.load(std::memory_order_acquire)) return false;
  if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), as_object(c.ending), hooks::operation::chan_receive);
  return true;
}

bool enlist(canceller& c) {
  canceller* upper = c.upper.load(std::memory_order_relaxed);
  if (upper == nullptr) return false;
  {
    const std::lock_guard hold(upper->lock);
    if (!upper->ended.load(std::memory_order_relaxed)) {
      link(*upper, c);
      return true;
    }
  }
  end(c, upper->err, upper->cause);
  return false;
}

bool unlist(canceller& c) {
  canceller* upper = c.upper.load(std::memory_order_relaxed);
  if (upper == nullptr) return false;
  const std::lock_guard hold(upper->lock);
  if (!c.listed) return false;
  unlink(*upper, c);
  c.orphan = false;
  return true;
}

namespace {

// Cancellers taken out of their lists, each with a reference, on their way to their end. Not recursion: see release.
struct ending_queue {
  canceller* first = nullptr;
  canceller* last = nullptr;
  void push(canceller& c) {
    (last != nullptr ? last->next : first) = &c;
    last = &c;
  }
  canceller* pop() {
    canceller* c = first;
    if (c == nullptr) return nullptr;
    first = std::exchange(c->next, nullptr);
    if (first == nullptr) last = nullptr;
    return c;
  }
};

void end_one(canceller& c, std::error_code err, std::error_code cause, ending_queue& below) {
  closure* work = nullptr;
  std::optional<timer> alarm;
  chan<unit> done;
  {
    const std::lock_guard hold(c.lock);
    if (c.ended.load(std::memory_order_relaxed)) return;
    c.err = err;
    c.cause = cause;
    if constexpr (hooks::enabled) hooks::sink().release(sched::current(), as_object(c.ending), hooks::operation::chan_close);
    c.ended.store(true, std::memory_order_release);
    done = c.done;
    work = std::exchange(c.work, nullptr);
    alarm = std::exchange(c.alarm, std::nullopt);
    while (canceller* child = c.children) {
      unlink(c, *child);
      const bool owned = std::exchange(child->orphan, false);
      if (owned) child->upper.store(nullptr, std::memory_order_relaxed);  // which may go before it
      if (owned || try_retain(*child)) below.push(*child);  // else its last holder is just letting go
    }
  }
  if (done) done.close();  // an operation like any other, so not under the lock
  if (work != nullptr) sched::spawn(go_options{}, work, &sched::current());
  if (alarm) alarm->stop();
}

}  // namespace

// The caller holds a reference to `first`. Its `next` is left alone: another goroutine may have it in a queue of its own.
void end(canceller& first, std::error_code err, std::error_code cause) noexcept {
  unlist(first);
  ending_queue below;
  end_one(first, err, cause, below);
  while (canceller* c = below.pop()) {
    end_one(*c, err, cause, below);
    release(c);
  }
}

}  // namespace detail
} }
