#include "detector/race/thread_record.hpp"

#include <new>

#include "detector/base/object_pool.hpp"
#include "detector/clock/chain_pool.hpp"
#include "detector/race/calling_context.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/shadow/goroutine_table.hpp"

namespace ravel::detector {

namespace {

constexpr std::size_t buckets = 1024;
constinit spin_lock lock;
constinit thread_record* registry[buckets] = {};

thread_record*& bucket_of(pthread_t thread) { return registry[(thread * 0x9E3779B97F4A7C15ull) >> 54]; }

void let_go_locked(thread_record& r) {
  if (--r.holders != 0) return;
  r.~thread_record();
  object_pool<thread_record>::free(&r);
}

void unregister_locked(thread_record& r) {
  if (!r.in_registry) return;
  thread_record** at = &bucket_of(r.thread);
  while (*at != &r) at = &(*at)->next;
  *at = r.next;
  r.in_registry = false;
  let_go_locked(r);
}

thread_record* find_locked(pthread_t thread) {
  thread_record* r = bucket_of(thread);
  while (r != nullptr && r->thread != thread) r = r->next;
  return r;
}

void register_locked(thread_record& r, pthread_t thread) {
  if (r.was_registered) return;
  r.was_registered = true;
  if (thread_record* old = find_locked(thread)) unregister_locked(*old);  // its thread ended without anybody being told
  r.thread = thread;
  r.next = bucket_of(thread);
  bucket_of(thread) = &r;
  r.in_registry = true;
  ++r.holders;
}

}  // namespace

thread_record& prepare_thread(goroutine_state& creator, bool detached, const void* frame) {
  auto& r = *::new (object_pool<thread_record>::allocate()) thread_record{};
  r.holders = 2;
  r.detached = detached;
  r.creator_id = goroutine_table::at(creator.index).id;
  r.created_at = stack_of_event(frame);
  const chain_start s = chain_pool().for_child_of(creator.clock);
  creator.releases.add(creator.clock.time(), hooks::operation::thread_create, r.created_at);
  r.birth.start_child(s.chain, s.first, creator.clock);
  end_segment(creator);
  return r;
}

void thread_was_created(thread_record& r, pthread_t thread) {
  locked hold(lock);
  register_locked(r, thread);
  let_go_locked(r);
}

void thread_was_not_created(thread_record& r) {
  chain_pool().retire(r.birth, 0);
  chain_pool::let_go(r.birth.chain());
  locked hold(lock);
  --r.holders;
  let_go_locked(r);
}

void thread_starts(thread_record& r) {
  locked hold(lock);
  register_locked(r, ::pthread_self());
}

void thread_ends(thread_record& r, vector_clock& last) {
  locked hold(lock);
  last.release(r.end);
  r.has_ended = true;
  if (r.detached) unregister_locked(r);
  let_go_locked(r);
}

void thread_was_detached(pthread_t thread) {
  locked hold(lock);
  thread_record* r = find_locked(thread);
  if (r == nullptr) return;
  r->detached = true;
  if (r->has_ended) unregister_locked(*r);
}

joinable::joinable(pthread_t thread) {
  locked hold(lock);
  record_ = find_locked(thread);
  if (record_ != nullptr) ++record_->holders;
}

joinable::~joinable() {
  if (record_ == nullptr) return;
  locked hold(lock);
  let_go_locked(*record_);
}

void joinable::joined(goroutine_state& by) {
  if (record_ == nullptr) return;
  by.clock.acquire(record_->end);
  locked hold(lock);
  unregister_locked(*record_);
}

}  // namespace ravel::detector
