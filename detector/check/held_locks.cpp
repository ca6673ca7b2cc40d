#include "detector/check/held_locks.hpp"

#include <atomic>
#include <exception>
#include <map>
#include <set>

#include "detector/base/spin_lock.hpp"
#include "detector/race/thread_state.hpp"

namespace ravel::detector {

namespace {

constinit spin_lock lock;
constinit std::atomic<bool> any_handed_over{false};

// On the heap and never freed: locks are used until the very end.
std::set<const void*>& handed_over() {
  static auto& all = *new std::set<const void*>;
  return all;
}
struct runner {
  goroutine_state* g;
  int exceptions;  // that were under way when the function began
};
std::map<const void*, runner>& runners() {
  static auto& all = *new std::map<const void*, runner>;
  return all;
}

}  // namespace

void note_handed_over(const void* l) {
  const inside_detector guard;
  const locked hold(lock);
  handed_over().insert(l);
  any_handed_over.store(true, std::memory_order_release);
}
bool is_handed_over(const void* l) {
  if (!any_handed_over.load(std::memory_order_acquire)) return false;
  const locked hold(lock);
  return handed_over().contains(l);
}
void forget_handed_over(const void* l) {
  if (!any_handed_over.load(std::memory_order_acquire)) return;
  const inside_detector guard;
  const locked hold(lock);
  handed_over().erase(l);
}

void forget_all_holders() {
  const inside_detector guard;
  const locked hold(lock);
  handed_over().clear();
  runners().clear();
  any_handed_over.store(false, std::memory_order_release);
}

void note_once_begins(const void* once, goroutine_state& g) {
  const inside_detector guard;
  const locked hold(lock);
  runners()[once] = {&g, std::uncaught_exceptions()};
}
bool note_once_ends(const void* once) {
  const inside_detector guard;
  const locked hold(lock);
  const auto at = runners().find(once);
  if (at == runners().end()) return false;
  const bool threw = std::uncaught_exceptions() > at->second.exceptions;
  runners().erase(at);
  return threw;
}
goroutine_state* runner_of_once(const void* once) {
  const locked hold(lock);
  const auto at = runners().find(once);
  return at == runners().end() ? nullptr : at->second.g;
}

}  // namespace ravel::detector
