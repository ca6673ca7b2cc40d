#include "detector/explore/schedule_log.hpp"

#include <algorithm>

#include "detector/explore/step_of_access.hpp"
#include "runtime/hooks/services.hpp"

namespace ravel::detector::explore {

const char* word_for(hooks::op o) {
  using hooks::op;
  switch (o) {
    case op::begin: return "begin";
    case op::go_on: return "go_on";
    case op::spawn: return "spawn";
    case op::yield: return "yield";
    case op::sleep: return "sleep";
    case op::chan_send: return "chan_send";
    case op::chan_receive: return "chan_receive";
    case op::chan_close: return "chan_close";
    case op::chan_look: return "chan_look";
    case op::select: return "select";
    case op::mutex_lock: return "mutex_lock";
    case op::mutex_try_lock: return "mutex_try_lock";
    case op::mutex_unlock: return "mutex_unlock";
    case op::rw_lock: return "rw_lock";
    case op::rw_try_lock: return "rw_try_lock";
    case op::rw_unlock: return "rw_unlock";
    case op::rw_rlock: return "rw_rlock";
    case op::rw_try_rlock: return "rw_try_rlock";
    case op::rw_runlock: return "rw_runlock";
    case op::group_add: return "group_add";
    case op::group_done: return "group_done";
    case op::group_wait: return "group_wait";
    case op::once_call: return "once_call";
    case op::cond_wait: return "cond_wait";
    case op::cond_signal: return "cond_signal";
    case op::pool_use: return "pool_use";
    case op::timer_use: return "timer_use";
    case op::atomic_load: return "atomic_load";
    case op::atomic_store: return "atomic_store";
    case op::atomic_rmw: return "atomic_rmw";
    case op::atomic_cas: return "atomic_cas";
    case op::fence: return "fence";
    case op::thread_lock: return "thread_lock";
    case op::thread_try_lock: return "thread_try_lock";
    case op::thread_unlock: return "thread_unlock";
    case op::random: return "random";
    case op::end: return "end";
    case op::net_listen: return "net_listen";
    case op::net_dial: return "net_dial";
    case op::net_accept: return "net_accept";
    case op::net_read: return "net_read";
    case op::net_write: return "net_write";
    case op::net_close: return "net_close";
    case op::net_use: return "net_use";
    case op::net_look: return "net_look";
    case op::semaphore_wait: return "semaphore_wait";
    case op::semaphore_post: return "semaphore_post";
    case op::futex_wait: return "futex_wait";
    case op::futex_wake: return "futex_wake";
    case op::plain_read: return "plain_read";
    case op::plain_write: return "plain_write";
  }
  return "step";
}

namespace {

constexpr std::size_t most_events = 5000;  // the last of a schedule: a page with more is of no use to a reader

const char* kind_of_object(hooks::op o) {
  using hooks::op;
  switch (o) {
    case op::chan_send:
    case op::chan_receive:
    case op::chan_close:
    case op::chan_look:
    case op::select: return "channel";
    case op::mutex_lock:
    case op::mutex_try_lock:
    case op::mutex_unlock: return "mutex";
    case op::rw_lock:
    case op::rw_try_lock:
    case op::rw_unlock:
    case op::rw_rlock:
    case op::rw_try_rlock:
    case op::rw_runlock: return "rw_mutex";
    case op::group_add:
    case op::group_done:
    case op::group_wait: return "wait_group";
    case op::once_call: return "once";
    case op::cond_wait:
    case op::cond_signal: return "cond";
    case op::pool_use: return "pool";
    case op::timer_use: return "timer";
    case op::thread_lock:
    case op::thread_try_lock:
    case op::thread_unlock: return "lock";
    case op::atomic_load:
    case op::atomic_store:
    case op::atomic_rmw:
    case op::atomic_cas:
    case op::futex_wait:
    case op::futex_wake: return "atomic";
    case op::semaphore_wait:
    case op::semaphore_post: return "semaphore";
    case op::net_listen:
    case op::net_dial:
    case op::net_accept: return "listener";
    case op::net_read:
    case op::net_write:
    case op::net_close:
    case op::net_use:
    case op::net_look: return "connection";
    case op::plain_read:
    case op::plain_write: return "variable";
    default: return "object";
  }
}

bool is_channel(hooks::op o) {
  return o == hooks::op::chan_send || o == hooks::op::chan_receive || o == hooks::op::chan_close || o == hooks::op::chan_look;
}

// "mutex 2": as the diagram of the schedule calls it.
std::string name_of_object(const report::schedule& h, std::uint64_t address) {
  std::size_t of_kind = 0;
  const auto at = std::find_if(h.objects.begin(), h.objects.end(), [&](const report::schedule_object& o) { return o.address == address; });
  if (at == h.objects.end()) return "an object";
  for (auto o = h.objects.begin(); o <= at; ++o) of_kind += o->kind == at->kind;
  return at->kind + " " + std::to_string(of_kind);
}

std::uint64_t number(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

}  // namespace

struct schedule_log::written {
  report::schedule schedule;
  std::size_t first = 0;                              // event that is the first step
  std::vector<const noted*> last_of;                  // of each goroutine; null: none
  std::vector<const event*> last_event_of;
};

void schedule_log::step(const hooks::choice& c, std::uint32_t who, const namings& names, std::size_t event) {
  for (std::size_t i = goroutines_.size(); i < c.count; ++i) {
    report::goroutine& g = goroutines_.emplace_back();
    g.id = c.all[i].view->id;
    g.name = c.all[i].view->name;
    g.running = true;
    if (i == 0) continue;
    g.created_by = goroutines_[c.all[i].parent].id;
    // The parent's last step is its spawn.
    for (auto s = steps_.rbegin(); c.all[i].parent != i && s != steps_.rend(); ++s) {
      if (s->place == 0) continue;
      g.created_at = {source_of(s->place)};
      break;
    }
  }
  const hooks::step& s = c.all[who].pending;
  noted& n = steps_.emplace_back();
  n.event = event;
  n.place = names.place_of_pending(who);
  if (!is_channel(s.what) || s.object == nullptr) return;
  const hooks::channel_facts facts = hooks::facts_of_channel(s.object);
  n.length = static_cast<std::int64_t>(facts.length);
  n.capacity = facts.capacity;
  n.closed = facts.closed;
}

schedule_log::written schedule_log::write(const trace& t) const {
  written w;
  report::schedule& out = w.schedule;
  out.goroutines = goroutines_;
  // Somebody who was started and never chosen.
  while (out.goroutines.size() < t.goroutines) out.goroutines.emplace_back().id = out.goroutines.size();
  w.last_of.resize(out.goroutines.size());
  w.last_event_of.resize(out.goroutines.size());
  w.first = t.events.size() - std::min(t.events.size(), most_events);
  out.left_out = w.first;
  std::unordered_map<const void*, std::uint32_t> objects;
  const auto object_number = [&](const void* o, hooks::op what, std::uint64_t capacity) {
    const auto [at, is_new] = objects.try_emplace(o, static_cast<std::uint32_t>(objects.size() + 1));
    if (is_new) out.objects.push_back({kind_of_object(what), number(o), capacity});
    report::schedule_object& known = out.objects[at->second - 1];
    known.capacity = std::max(known.capacity, capacity);
    if (what == hooks::op::mutex_lock && known.kind == "cond") known.kind = "mutex";
    return at->second;
  };
  std::size_t next_noted = 0;
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < t.events.size(); ++i) {
    const event& e = t.events[i];
    const noted* n = nullptr;
    if (e.is == event::type::step) {
      last = e.who;
      while (next_noted < steps_.size() && steps_[next_noted].event < i) ++next_noted;
      if (next_noted < steps_.size() && steps_[next_noted].event == i) n = &steps_[next_noted];
      if (n != nullptr) w.last_of[e.who] = n;
      if (e.what != hooks::op::go_on) w.last_event_of[e.who] = &e;
    }
    if (i < w.first) continue;
    report::schedule_step& s = out.steps.emplace_back();
    s.goroutine = e.who + 1;
    switch (e.is) {
      case event::type::choice:
        s.is = report::schedule_step::type::choice;
        s.goroutine = last + 1;
        s.value = e.value;
        s.of = e.n;
        break;
      case event::type::created:
        s.is = report::schedule_step::type::created;
        s.other = e.from == e.who ? 0 : e.from + 1;
        break;
      case event::type::woken:
        s.is = report::schedule_step::type::woken;
        s.other = e.from + 1;
        break;
      case event::type::step: {
        using condition = hooks::controlled_goroutine::condition;
        s.operation = word_for(e.what);
        s.writes = e.how == hooks::touch::writes;
        s.value = e.value;
        s.asker_blocked = e.from_was == static_cast<std::uint8_t>(condition::blocked) || e.from_was == static_cast<std::uint8_t>(condition::held_back);
        s.asker_ended = e.from_was == static_cast<std::uint8_t>(condition::ended);
        if (e.object != nullptr) s.objects.push_back(object_number(e.object, e.what, n != nullptr ? n->capacity : 0));
        for (std::uint32_t k = 0; k < e.more_count; ++k) {
          const std::uint32_t more = t.objects[e.more_at + k] == nullptr ? 0 : object_number(t.objects[e.more_at + k], e.what, 0);
          if (more != 0 && std::find(s.objects.begin(), s.objects.end(), more) == s.objects.end()) s.objects.push_back(more);
        }
        if (n == nullptr) break;
        s.length = n->length;
        s.closed = n->closed;
        s.at = source_of(n->place);
        break;
      }
    }
  }
  return w;
}

void schedule_log::describe_race(const trace& t, std::size_t events, report::finding& f) const {
  written w = write(t);
  f.happened = std::move(w.schedule);
  const auto last_step = [&](std::size_t before, std::uint64_t id) -> std::size_t {
    for (std::size_t i = std::min(before, t.events.size()); i-- > w.first;) {
      const std::uint32_t who = t.events[i].who;
      if (t.events[i].is == event::type::step && who < f.happened.goroutines.size() && f.happened.goroutines[who].id == id) return i - w.first + 1;
    }
    return 0;
  };
  f.happened.current_at = last_step(events, f.data_race.current.by.id);
  f.happened.previous_at = step_of_access(f.happened, f.data_race.previous, f.happened.current_at != 0 ? f.happened.current_at : f.happened.steps.size());
}

// By its steps: locks are taken by them, but for one that it waits in. A try may have failed and counts for nothing.
std::vector<report::held_lock> schedule_log::held(const trace& t, std::uint32_t who, const event* waits_in) const {
  using hooks::op;
  std::vector<report::held_lock> all;
  std::size_t next_noted = 0;
  for (std::size_t i = 0; i < t.events.size(); ++i) {
    const event& e = t.events[i];
    if (e.is != event::type::step || e.who != who || &e == waits_in) continue;
    while (next_noted < steps_.size() && steps_[next_noted].event < i) ++next_noted;
    switch (e.what) {
      case op::mutex_lock:
      case op::rw_lock:
      case op::rw_rlock:
      case op::thread_lock: {
        report::held_lock& l = all.emplace_back();
        l.address = number(e.object);
        l.kind = kind_of_object(e.what);
        l.shared = e.what == op::rw_rlock;
        if (next_noted < steps_.size() && steps_[next_noted].event == i) l.acquired_at = {source_of(steps_[next_noted].place)};
        break;
      }
      case op::mutex_unlock:
      case op::rw_unlock:
      case op::rw_runlock:
      case op::thread_unlock: {
        const auto at = std::find_if(all.begin(), all.end(), [&](const report::held_lock& l) { return l.address == number(e.object); });
        if (at != all.end()) all.erase(at);
        break;
      }
      default: break;
    }
  }
  return all;
}

void schedule_log::describe_ending(const trace& t, const hooks::controlled_goroutine* all, report::finding& f) const {
  using condition = hooks::controlled_goroutine::condition;
  written w = write(t);
  f.happened = std::move(w.schedule);
  if (all == nullptr) return;
  for (std::uint32_t i = 0; i < goroutines_.size(); ++i) {
    const hooks::controlled_goroutine& g = all[i];
    if (g.is == condition::ended) {
      f.happened.goroutines[i].running = false;
      continue;
    }
    report::party& p = f.wrong.parties.emplace_back();
    p.who = goroutines_[i];
    const bool waits = g.is == condition::blocked || g.is == condition::held_back;
    const hooks::wait_reason why = g.is == condition::held_back ? g.why : g.view->waiting_for;
    p.doing = waits ? std::string("waits in ") + hooks::words(why) : "could go on";
    if (const report::frame f = source_of(g.is == condition::held_back ? g.pending.place : 0); f.line != 0) p.at = {f};
    else if (const noted* n = w.last_of[i]; n != nullptr && n->place != 0) p.at = {source_of(n->place)};
    p.locks = held(t, i, g.is == condition::blocked ? w.last_event_of[i] : nullptr);
    if (!waits) continue;
    if (g.is == condition::held_back && g.pending.object != nullptr) p.waits_for = {number(g.pending.object)};
    else if (const event* e = w.last_event_of[i]; g.is == condition::blocked && e != nullptr) {
      if (e->object != nullptr) p.waits_for.push_back(number(e->object));
      for (std::uint32_t k = 0; k < e->more_count; ++k) {
        if (t.objects[e->more_at + k] != nullptr && t.objects[e->more_at + k] != e->object) p.waits_for.push_back(number(t.objects[e->more_at + k]));
      }
    }
    for (std::size_t k = 0; k < p.waits_for.size(); ++k) p.doing += (k == 0 ? " for " : ", ") + name_of_object(f.happened, p.waits_for[k]);
  }
}

}  // namespace ravel::detector::explore
