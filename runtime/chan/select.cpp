// select: all channels are locked in address order, so that the cases are considered at one instant. Go runtime/select.go.

#include <algorithm>
#include <memory>

#include "runtime/chan/chan_core.hpp"
#include "runtime/include/ravel/select.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

namespace {

struct selection {
  chan_core** channels;   // each once, in address order
  std::size_t count;
  void lock() { for (std::size_t i = 0; i < count; ++i) as_lock(channels[i]->lock).lock(); }
  void unlock() { for (std::size_t i = count; i-- > 0;) as_lock(channels[i]->lock).unlock(); }
};

bool is_ready(const select_op& op) {
  const chan_core& c = *op.core;
  auto live = [](const wait_list& l) {
    for (waiter* w = l.first; w != nullptr; w = w->next) {
      if (w->claimed == nullptr || w->claimed->load(std::memory_order_acquire) == -1) return true;
    }
    return false;
  };
  if (op.kind == select_kind::send) return c.closed || c.length < c.capacity || live(c.receivers);
  return c.length != 0 || c.closed || live(c.senders);
}

}  // namespace

std::size_t choose(select_op* ops, std::size_t count) {
  auto channels = std::make_unique<chan_core*[]>(count + 1);
  auto ready = std::make_unique<std::size_t[]>(count + 1);
  selection s{channels.get(), 0};
  std::size_t otherwise = count;
  for (std::size_t i = 0; i < count; ++i) {
    if (ops[i].kind == select_kind::otherwise) otherwise = i;
    else if (ops[i].core != nullptr) s.channels[s.count++] = ops[i].core;
    if (ops[i].kind == select_kind::send && ops[i].core != nullptr) mark_send_attempt(*ops[i].core);
  }
  std::sort(s.channels, s.channels + s.count);
  s.count = static_cast<std::size_t>(std::unique(s.channels, s.channels + s.count) - s.channels);

  for (;;) {
    s.lock();
    std::size_t candidates = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (ops[i].core != nullptr && is_ready(ops[i])) ready[candidates++] = i;
    }
    while (candidates != 0) {
      const std::size_t at = sched::choose_index(static_cast<std::uint32_t>(candidates));
      const std::size_t i = ready[at];
      select_op& op = ops[i];
      sched::goroutine* wake = nullptr;
      bool done = true;
      if (op.kind == select_kind::send) {
        if (op.core->closed) {
          s.unlock();
          throw panic_error("send on closed channel");
        }
        done = op.moved = send_locked(*op.core, op.element, wake);
      } else {
        done = receive_locked(*op.core, op.element, op.moved, wake);
      }
      if (done) {
        s.unlock();
        if (wake != nullptr) sched::ready(*wake);
        return i;
      }
      ready[at] = ready[--candidates];  // its partner, another select, was decided meanwhile
    }
    if (otherwise != count) {
      s.unlock();
      return otherwise;
    }

    std::atomic<int> claimed{-1};
    auto waiters = std::make_unique<waiter[]>(count + 1);
    for (std::size_t i = 0; i < count; ++i) {
      if (ops[i].core == nullptr) continue;
      waiter& w = waiters[i];
      w.g = &sched::current();
      w.element = ops[i].element;
      w.claimed = &claimed;
      w.index = static_cast<int>(i);
      push_back(ops[i].kind == select_kind::send ? ops[i].core->senders : ops[i].core->receivers, w);
    }
    sched::park([](void* p) { static_cast<selection*>(p)->unlock(); }, &s,
                s.count == 0 ? hooks::wait_reason::select_no_cases : hooks::wait_reason::select, nullptr);
    s.lock();
    const auto i = static_cast<std::size_t>(claimed.load(std::memory_order_acquire));
    for (std::size_t k = 0; k < count; ++k) {
      if (k != i && ops[k].core != nullptr) remove(ops[k].kind == select_kind::send ? ops[k].core->senders : ops[k].core->receivers, waiters[k]);
    }
    s.unlock();
    ops[i].moved = waiters[i].moved;
    if (ops[i].kind == select_kind::send && !ops[i].moved) throw panic_error("send on closed channel");
    return i;
  }
}

std::size_t run_select(case_base* const* cases, std::size_t count) {
  auto ops = std::make_unique<select_op[]>(count + 1);
  for (std::size_t i = 0; i < count; ++i) ops[i] = cases[i]->operation();
  const std::size_t chosen = choose(ops.get(), count);
  cases[chosen]->finish(ops[chosen].moved);
  return chosen;
}

}  // namespace detail

std::size_t select(std::span<select_case> cases) {
  auto list = std::make_unique<detail::case_base*[]>(cases.size() + 1);
  for (std::size_t i = 0; i < cases.size(); ++i) list[i] = cases[i].get();
  return detail::run_select(list.get(), cases.size());
}

} }
