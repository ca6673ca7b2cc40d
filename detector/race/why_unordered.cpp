#include "detector/race/why_unordered.hpp"

#include <utility>

#include "detector/race/goroutine_state.hpp"
#include "detector/race/locate.hpp"
#include "detector/report/names.hpp"
#include "detector/shadow/goroutine_table.hpp"

namespace ravel::detector {

namespace {

std::string name_of(goroutine_index index) {
  const goroutine_record& r = goroutine_table::at(index);
  std::string text = "goroutine " + std::to_string(r.id);
  if (r.id == 1) text += " (main)";
  else if (r.name[0] != '\0') text += std::string(" (") + r.name + ")";
  return text;
}

const char* past_tense(hooks::operation op) {
  switch (op) {
    case hooks::operation::go: return "created a goroutine";
    case hooks::operation::chan_send: return "sent on a channel";
    case hooks::operation::chan_receive: return "received from a channel";
    case hooks::operation::chan_close: return "closed a channel";
    case hooks::operation::mutex_unlock: return "unlocked a mutex";
    case hooks::operation::mutex_lock: return "locked a mutex";
    case hooks::operation::rw_mutex_unlock: return "unlocked an rw_mutex";
    case hooks::operation::rw_mutex_lock: return "locked an rw_mutex";
    case hooks::operation::rw_mutex_runlock: return "unlocked an rw_mutex it had for reading";
    case hooks::operation::rw_mutex_rlock: return "locked an rw_mutex for reading";
    case hooks::operation::wait_group_done: return "called wait_group.done";
    case hooks::operation::wait_group_wait: return "returned from wait_group.wait";
    case hooks::operation::once_done: return "finished a once.call";
    case hooks::operation::once_call: return "returned from once.call";
    case hooks::operation::cond_signal: return "signalled a cond";
    case hooks::operation::cond_wait: return "was woken on a cond";
    case hooks::operation::timer_start: return "started a timer";
    case hooks::operation::timer_fire: return "ran as a timer's function";
    case hooks::operation::pool_put: return "put an object into a pool";
    case hooks::operation::pool_get: return "took an object from a pool";
    case hooks::operation::annotation: return "called race::release";
    case hooks::operation::atomic_store: return "did an atomic store or fence with release order";
    case hooks::operation::atomic_load: return "did an atomic load with acquire order";
    case hooks::operation::static_init: return "finished initialising a function-local static";
    case hooks::operation::thread_create: return "created a thread";
    case hooks::operation::thread_mutex_unlock: return "unlocked a mutex";
    case hooks::operation::thread_mutex_lock: return "locked a mutex";
    case hooks::operation::thread_spin_unlock: return "unlocked a spin lock";
    case hooks::operation::thread_spin_lock: return "locked a spin lock";
    case hooks::operation::thread_rwlock_unlock: return "unlocked a shared mutex";
    case hooks::operation::thread_rwlock_lock: return "locked a shared mutex";
    case hooks::operation::thread_rwlock_runlock: return "unlocked a shared mutex it had for reading";
    case hooks::operation::thread_rwlock_rlock: return "locked a shared mutex for reading";
    case hooks::operation::thread_cond_signal: return "signalled a condition variable";
    case hooks::operation::thread_semaphore_post: return "posted a semaphore";
    case hooks::operation::signal_sent: return "sent a signal or installed its handler";
    case hooks::operation::thread_barrier_wait: return "waited on a barrier";
    case hooks::operation::thread_once: return "finished an initialisation by call_once";
    case hooks::operation::descriptor_write: return "wrote to a file descriptor";
    case hooks::operation::exception_release: return "let go of an exception";
  }
  __builtin_unreachable();
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string place_of(stack_id stack) {
  for (const report::frame& f : readable_stack(stack)) {
    if (f.line != 0 && !report::is_library_frame(f)) return " at " + base_name(f.file) + ":" + std::to_string(f.line);
  }
  return "";
}

goroutine_state* live_state(goroutine_index index) {
  struct search { goroutine_index index; goroutine_state* found; } s{index, nullptr};
  for_each_goroutine(&s, [](void* argument, goroutine_state& g) {
    auto& wanted = *static_cast<search*>(argument);
    if (g.index == wanted.index) wanted.found = &g;
  });
  return s.found;
}

}  // namespace

reason why_unordered(const access_record& current, const access_record& previous) {
  const goroutine_state* me = running();
  const std::string mine = name_of(current.goroutine), other = name_of(previous.goroutine);
  const goroutine_record& my_record = goroutine_table::at(current.goroutine);
  const goroutine_record& other_record = goroutine_table::at(previous.goroutine);
  const clock_time heard = me == nullptr ? 0 : me->clock.known(previous.chain);

  if (heard != 0) {
    const goroutine_state* peer = live_state(previous.goroutine);
    const release_entry* last = peer == nullptr ? nullptr : peer->releases.publisher_of(heard);
    report::known_order known;
    std::string sentence = "the last that " + mine + " knows of " + other + " is ";
    if (last != nullptr && (last->operation == hooks::operation::go || last->operation == hooks::operation::thread_create) && my_record.parent_id == other_record.id) {
      sentence = mine + " last synchronised with " + other + " when it was created by it" + place_of(my_record.created_at);
    } else if (last != nullptr) {
      known = {past_tense(last->operation), readable_stack(last->stack)};
      sentence += "that it " + known.did + place_of(last->stack);
    } else {
      sentence += "an earlier release of its own";
    }
    return {sentence + "; the access came after that, and nothing since orders the two.", std::move(known)};
  }
  if (other_record.parent_id == my_record.id && other_record.parent_id != 0) {
    return {other + " was created by " + mine + place_of(other_record.created_at) +
            "; since then nothing it did has been synchronised with " + mine + ".", {}};
  }
  std::string sentence = "no channel, lock or other synchronisation leads from " + other + " to " + mine + " before this access";
  if (my_record.parent_id != 0 && my_record.parent_id == other_record.parent_id) {
    sentence += "; they only share their creator, goroutine " + std::to_string(my_record.parent_id) + place_of(my_record.created_at);
  }
  return {sentence + ".", {}};
}

}  // namespace ravel::detector
