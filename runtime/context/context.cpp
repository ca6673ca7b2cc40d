// The public face of the tree: Go context/context.go, written anew over node.hpp.

#include "runtime/include/ravel/context.hpp"

#include <mutex>

#include "runtime/context/node.hpp"
#include "runtime/sched/scheduler.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

const void* find_value(const context_node* n, const std::type_info& key_type, const void* key, const std::type_info& value_type) {
  for (; n != nullptr; n = n->parent) {
    if (n->value == nullptr) continue;
    if (const void* found = n->value->find(key_type, key, value_type)) return found;
  }
  return nullptr;
}

}  // namespace detail

namespace context {

namespace {

using detail::canceller;
using detail::context_handle;
using detail::context_node;

class context_category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "ravel.context"; }
  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::canceled: return "context canceled";
      case errc::deadline_exceeded: return "context deadline exceeded";
    }
    return "unknown error";
  }
  std::error_condition default_error_condition(int value) const noexcept override {
    switch (static_cast<errc>(value)) {
      case errc::canceled: return std::errc::operation_canceled;
      case errc::deadline_exceeded: return std::errc::timed_out;
    }
    return {value, *this};
  }
};

canceller* nearest(const context& ctx) { return ctx.handle().get() == nullptr ? nullptr : ctx.handle().get()->nearest; }
canceller& own(const context_handle& h) { return *static_cast<canceller*>(h.get()); }

context_handle new_canceller(const context& parent) {
  auto* c = new canceller(parent.handle());
  context_handle h(c);
  detail::enlist(*c);
  return h;
}

// Never destroyed: contexts may be used until the process ends.
const chan<unit>& closed_channel() {
  static const auto& c = *new chan<unit>([] {
    auto made = make_chan<unit>();
    made.close();
    return made;
  }());
  return c;
}

}  // namespace

const std::error_category& category() noexcept {
  static constinit const context_category the_category;
  return the_category;
}

context background() noexcept { return {}; }
context todo() noexcept {
  static context_node& root = *new context_node(context_handle());
  detail::retain(&root);
  return context(context_handle(&root));
}

recv_chan<unit> context::done() const {
  canceller* c = nearest(*this);
  if (c == nullptr) return {};
  if (!c->done_made.load(std::memory_order_acquire)) {
    const std::lock_guard hold(c->lock);
    if (!c->done) {
      const bool ended = detail::has_ended(*c);
      // One closed channel would do for all, but the race detector's edge is from this context's end.
      c->done = ended && !hooks::enabled ? closed_channel() : make_chan<unit>();
      if (ended && hooks::enabled) c->done.close();
      c->done_made.store(true, std::memory_order_release);
    }
  }
  return c->done;
}

std::error_code context::err() const noexcept {
  canceller* c = nearest(*this);
  return c != nullptr && detail::has_ended(*c) ? c->err : std::error_code();
}

std::error_code cause(const context& ctx) noexcept {
  canceller* c = nearest(ctx);
  return c != nullptr && detail::has_ended(*c) ? c->cause : std::error_code();
}

std::optional<clock::time_point> context::deadline() const noexcept {
  canceller* c = nearest(*this);
  return c != nullptr ? c->deadline : std::nullopt;
}

void cancel_func::operator()() const { detail::end(own(node_), errc::canceled, errc::canceled); }
void cancel_cause_func::operator()(std::error_code cause) const {
  detail::end(own(node_), errc::canceled, cause ? cause : make_error_code(errc::canceled));
}

cancellable with_cancel(const context& parent) {
  context_handle h = new_canceller(parent);
  return {context(h), cancel_func(std::move(h))};
}

cancellable_with_cause with_cancel_cause(const context& parent) {
  context_handle h = new_canceller(parent);
  return {context(h), cancel_cause_func(std::move(h))};
}

cancellable with_deadline(const context& parent, clock::time_point t, std::error_code cause) {
  if (const auto sooner = parent.deadline(); sooner && *sooner <= t) return with_cancel(parent);
  auto* c = new canceller(parent.handle());
  context_handle h(c);
  c->deadline = t;
  detail::enlist(*c);
  if (!cause) cause = errc::deadline_exceeded;
  const clock::duration left = t - clock::now();
  if (left.count() <= 0) {
    detail::end(*c, errc::deadline_exceeded, cause);
  } else {
    const std::lock_guard hold(c->lock);
    if (!c->ended.load(std::memory_order_relaxed)) {
      c->alarm = ravel::after_func(left, [h, cause] { detail::end(own(h), errc::deadline_exceeded, cause); });
    }
  }
  return {context(h), cancel_func(std::move(h))};
}

context without_cancel(const context& parent) {
  auto* n = new context_node(parent.handle());
  n->nearest = nullptr;
  return context(context_handle(n));
}

context with_value(const context& parent, std::unique_ptr<detail::context_value> value) {
  auto* n = new context_node(parent.handle());
  n->value = std::move(value);
  n->holds_user_code.store(true, std::memory_order_relaxed);
  return context(context_handle(n));
}

// A child without parent or handle of its own, which its list owns: when it ends it runs f.
stop_func after_func(const context& ctx, detail::closure* f) {
  auto* c = new canceller(context_handle());
  const context_handle h(c);
  c->work = f;
  if (canceller* upper = nearest(ctx); upper != nullptr) {
    c->upper.store(upper, std::memory_order_relaxed);
    for (context_node* n : {static_cast<context_node*>(c), static_cast<context_node*>(upper)}) n->holds_user_code.store(true, std::memory_order_relaxed);
    detail::retain(c);
    c->orphan = true;
    if (!detail::enlist(*c)) detail::release(c);
  }
  return stop_func(ctx, h);
}

bool stop_func::operator()() const {
  canceller& c = own(node_);
  const bool was_listed = detail::unlist(c);
  detail::closure* work = nullptr;
  {
    const std::lock_guard hold(c.lock);
    work = std::exchange(c.work, nullptr);
  }
  if (was_listed) detail::release(&c);  // the list's reference
  if (work == nullptr) return false;
  work->destroy(work);
  return true;
}

}  // namespace context
} }
