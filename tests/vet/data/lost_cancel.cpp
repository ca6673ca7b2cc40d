#include <ravel/ravel.hpp>

using namespace ravel;
using namespace std::chrono_literals;

void work(const context::context&);
bool failed();

void never_used() {
  auto [ctx, cancel] = context::with_cancel(context::background());  // expect: lost-cancel
  work(ctx);
}

void on_one_way(const context::context& parent) {
  auto [ctx, cancel] = context::with_timeout(parent, 1s);  // expect: lost-cancel
  if (failed()) return;
  work(ctx);
  cancel();
}

void dropped() {
  auto ctx = context::with_cancel(context::background()).ctx;  // expect: lost-cancel
  work(ctx);
}

// --- near misses

void deferred(const context::context& parent) {
  auto [ctx, cancel] = context::with_cancel(parent);
  RAVEL_DEFER { cancel(); };
  if (failed()) return;
  work(ctx);
}

context::cancel_func handed_on(const context::context& parent) {
  auto [ctx, cancel] = context::with_cancel(parent);
  go([ctx] { work(ctx); });
  return cancel;
}

void by_another() {
  auto [ctx, cancel] = context::with_cancel(context::background());
  go([cancel] { cancel(); });
  work(ctx);
}

void ends_with_its_parent() {
  auto [ctx, cancel] = context::with_cancel(context::background());
  RAVEL_DEFER { cancel(); };
  auto [child, cancel_child] = context::with_timeout(ctx, 1s);
  work(child);
}

void ends_by_its_deadline() {
  auto ctx = context::with_timeout(context::background(), 1s).ctx;
  work(ctx);
}
