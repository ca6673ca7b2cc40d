#include "detector/check/standstill_report.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "detector/check/describe.hpp"
#include "detector/check/held_locks.hpp"

namespace ravel::detector {

namespace {

using hooks::wait_reason;

bool on_channel(wait_reason r) { return r == wait_reason::chan_send || r == wait_reason::chan_receive || r == wait_reason::select; }

const stuck_goroutine* find(const standstill& s, const goroutine_state* g) {
  const auto at = std::find_if(s.stuck.begin(), s.stuck.end(), [g](const stuck_goroutine& w) { return w.g == g; });
  return at == s.stuck.end() ? nullptr : &*at;
}

// Somebody else is stuck for a lock that `w` holds.
const stuck_goroutine* waits_for_lock_of(const stuck_goroutine& w, const standstill& s) {
  for (const stuck_goroutine& other : s.stuck) {
    if (other.g != w.g && is_for_lock(other.reason) && held(w.g->locks, other.objects.front()) != nullptr) return &other;
  }
  return nullptr;
}

const stuck_goroutine* waits_for_once_of(const stuck_goroutine& w, const standstill& s) {
  for (const stuck_goroutine& other : s.stuck) {
    if (other.g != w.g && other.reason == wait_reason::once_call && other.holder == w.g) return &other;
  }
  return nullptr;
}

// The holders from `w` on, until one that waits for no lock, or one that came before: then there is a circle.
bool in_lock_circle(const stuck_goroutine& w, const standstill& s) {
  const stuck_goroutine* at = &w;
  for (std::size_t steps = 0; steps <= s.stuck.size(); ++steps) {
    at = at->holder == nullptr ? nullptr : find(s, at->holder);
    if (at == nullptr) return false;
    if (at == &w) return true;
  }
  return false;
}

std::string doing(const stuck_goroutine& w) {
  const std::string object = w.objects.empty() ? "" : std::string(" ") + noun_for(w.reason) + " at " + hex_address(w.objects.front());
  std::string text;
  switch (w.reason) {
    case wait_reason::chan_send: text = "waits to send on the" + object; break;
    case wait_reason::chan_receive: text = "waits to receive from the" + object; break;
    case wait_reason::chan_send_nil: text = "sends on a nil channel"; break;
    case wait_reason::chan_receive_nil: text = "receives from a nil channel"; break;
    case wait_reason::select_no_cases: text = "is in a select without a case that could become ready"; break;
    case wait_reason::select:
      text = "waits in a select on ";
      for (std::size_t i = 0; i < w.objects.size(); ++i) text += (i == 0 ? "the channel at " : ", ") + hex_address(w.objects[i]);
      break;
    case wait_reason::mutex_lock:
    case wait_reason::rw_mutex_lock: text = "waits for the" + object; break;
    case wait_reason::rw_mutex_rlock: text = "waits for the" + object + " for reading"; break;
    case wait_reason::wait_group_wait: text = "waits for the" + object + " to come to zero"; break;
    case wait_reason::once_call: text = "waits for the" + object + " to be done"; break;
    case wait_reason::cond_wait: text = "waits for a signal on the" + object; break;
    case wait_reason::semaphore_wait: text = "waits for a token of the" + object; break;
    case wait_reason::futex_wait: text = "waits for a change of the" + object; break;
    case wait_reason::none:
    case wait_reason::sleep:
    case wait_reason::io_wait:
    case wait_reason::blocking_call: text = std::string("is in ") + hooks::words(w.reason); break;
  }
  if (w.holder == w.g) text += is_for_lock(w.reason) ? ", which it holds itself" : ", whose function it runs itself";
  else if (w.holder != nullptr) text += std::string(is_for_lock(w.reason) ? ", held by " : ", whose function is run by ") + name_of_goroutine(*w.holder);
  return text;
}

cause cause_of_lock_wait(const stuck_goroutine& w, const standstill& s) {
  const held_lock_record* own = held(w.g->locks, w.objects.front());
  if (own != nullptr) {
    if (own->shared && w.reason == wait_reason::rw_mutex_rlock) {
      return {"M06", "read lock taken again while a writer waits", "the writer lets no new reader in and waits for the first read lock to go"};
    }
    if (own->shared) return {"M04", "lock wanted for writing by a goroutine that has it for reading", "it waits for itself to unlock"};
    if (w.reason == wait_reason::rw_mutex_rlock) return {"M05", "lock wanted for reading by a goroutine that has it for writing", "it waits for itself to unlock"};
    return {"M03", "lock taken twice by one goroutine", "the lock is not recursive: it waits for itself to unlock"};
  }
  if (w.holder == nullptr) {
    return {"M08", "lock that nobody will unlock", "no goroutine that exists holds the lock: the one that took it has ended, or passed it on to nobody"};
  }
  if (in_lock_circle(w, s)) return {"M07", "goroutines wait for each other's locks", "each waits for a lock that the next one holds"};
  const stuck_goroutine* holder = find(s, w.holder);
  if (holder != nullptr && on_channel(holder->reason)) {
    return {"C24", "channel operation under a lock that its partner wants", "the holder waits on a channel, and who could meet it there waits for the lock"};
  }
  return {"M09", "lock held by a goroutine that is blocked for ever", "its holder can never go on, so it never unlocks"};
}

}  // namespace

cause cause_of(const stuck_goroutine& w, const standstill& s) {
  switch (w.reason) {
    case wait_reason::chan_send_nil: return {"C01", "send on a nil channel", "a nil channel never takes anything"};
    case wait_reason::chan_receive_nil: return {"C02", "receive from a nil channel", "nothing ever comes from a nil channel, and it cannot be closed"};
    case wait_reason::select_no_cases: return {"C16", "select that can never go on", "it has no case with a channel that is not nil"};
    case wait_reason::mutex_lock:
    case wait_reason::rw_mutex_lock:
    case wait_reason::rw_mutex_rlock: return cause_of_lock_wait(w, s);
    case wait_reason::once_call:
      if (in_lock_circle(w, s) && w.holder != w.g) return {"O02", "onces whose functions call each other", "each function waits for the once that the next one's goroutine runs"};
      if (w.holder == w.g) return {"O01", "once called from its own function", "the call waits for the function that makes it"};
      return {"O04", "once whose function waits for a goroutine that calls the same once", "the goroutine that runs the function is blocked for ever"};
    case wait_reason::cond_wait:
      if (const stuck_goroutine* other = waits_for_lock_of(w, s)) {
        return {"D07", "wait for a cond under a lock that the signaller wants",
                name_of_goroutine(*w.g) + " waits for the signal with another lock, which " + name_of_goroutine(*other->g) + " waits for"};
      }
      return {"D08", "cond that nobody will signal", "no goroutine that can still run has the cond"};
    case wait_reason::wait_group_wait:
      if (const stuck_goroutine* other = waits_for_lock_of(w, s)) {
        return {"M09", "wait for a wait_group under a lock that the counted want",
                name_of_goroutine(*w.g) + " waits for the others with a lock that " + name_of_goroutine(*other->g) + " waits for"};
      }
      return {"W06", "wait_group that nobody will bring to zero", "no goroutine that can still run has the wait_group to call done on"};
    default: break;
  }
  if (w.g->locks != 0) {
    if (const stuck_goroutine* other = waits_for_lock_of(w, s)) {
      return {"C24", "channel operation under a lock that its partner wants",
              name_of_goroutine(*w.g) + " waits on the channel with a lock that " + name_of_goroutine(*other->g) + " waits for"};
    }
  }
  if (const stuck_goroutine* other = waits_for_once_of(w, s)) {
    return {"O04", "once whose function waits for a goroutine that calls the same once",
            name_of_goroutine(*w.g) + " waits inside the function of a once that " + name_of_goroutine(*other->g) + " waits for"};
  }
  if (w.reason == wait_reason::chan_send) {
    const bool buffered = hooks::facts_of_channel(w.objects.front()).capacity != 0;
    if (buffered) return {"C20", "send to a full channel that nobody will receive from", "no goroutine that can still run has a handle of the channel to receive with"};
    return {"C21", "send that nobody will receive", "no goroutine that can still run has a handle of the channel to receive with; a capacity of 1 would let the sender go"};
  }
  const auto of_context = [](const void* channel) { return is_made_by(channel, "context::context::done"); };
  if (std::any_of(w.objects.begin(), w.objects.end(), of_context)) {
    return {"X02", "context that nobody can cancel", "no goroutine that can still run has the function that cancels the context or a context above it, and it has no deadline"};
  }
  if (w.reason == wait_reason::chan_receive) {
    const auto of_timer = [](const void* channel) { return is_made_by(channel, "::timer::timer") || is_made_by(channel, "::after"); };
    if (of_timer(w.objects.front())) {
      return {"T04", "receive from a timer that sends no more", "a timer sends once: its time has been received already, or it was stopped before"};
    }
    if (!hooks::facts_of_channel(w.objects.front()).has_senders) {
      return {"C14", "receive from a channel that nobody will send on or close",
              "all handles of the channel that are left are recv_chans: whoever could send on it or close it has dropped his"};
    }
    return {"C14", "receive from a channel that nobody will send on or close", "no goroutine that can still run has a handle of the channel to send on or close it"};
  }
  return {"C22", "select whose channels nobody else can use", "no goroutine that can still run has a handle of any of its channels"};
}

namespace {

report::misuse describe(const std::vector<const stuck_goroutine*>& members, const standstill& s) {
  report::misuse m;
  std::set<const void*> shown;
  for (const stuck_goroutine* w : members) {
    m.parties.push_back(party_of(*w->g, doing(*w), present_stack(*w->g), w->g->locks));
    for (const void* o : w->objects) m.parties.back().waits_for.push_back(reinterpret_cast<std::uintptr_t>(o));
    for (const void* o : w->objects) {
      if (!shown.insert(o).second) continue;
      m.objects.push_back(object_of(o, w->reason));
      if (w->holder != nullptr) m.objects.back().holder = name_of_goroutine(*w->holder) + (is_for_lock(w->reason) ? " holds it" : " runs its function");
    }
    const cause c = cause_of(*w, s);
    const std::string sentence = name_of_goroutine(*w->g) + ": " + c.why;
    if (members.size() == 1) m.why = c.why + ".";
    else if (m.parties.size() <= 8) m.why += (m.why.empty() ? "" : "; ") + sentence;
  }
  return m;
}

// Of several causes the one that explains the others: a goroutine's own mistake before waiting for somebody who made one.
int weight(const char* id) {
  const std::string_view order[] = {"C01", "C02", "M03", "M04", "M05", "M06", "O01", "O02", "M07", "C24", "D07", "O04", "M08", "D08", "C20", "C21", "X02", "T04", "C14", "C22", "W06", "C16", "M09"};
  return static_cast<int>(std::find(std::begin(order), std::end(order), id) - std::begin(order));
}

std::vector<const stuck_goroutine*> by_weight(const standstill& s) {
  std::vector<std::pair<int, const stuck_goroutine*>> weighed;
  for (const stuck_goroutine& w : s.stuck) weighed.emplace_back(weight(cause_of(w, s).id), &w);
  std::sort(weighed.begin(), weighed.end());
  std::vector<const stuck_goroutine*> all;
  for (const auto& [unused, w] : weighed) all.push_back(w);
  return all;
}

std::string who_waits(const standstill& s) {
  const std::string n = std::to_string(s.stuck.size());
  if (s.anybody_alive) return std::string(s.stuck.size() == 1 ? "one goroutine waits" : n + " goroutines wait") + " for what none of those that timers wake can do. ";
  return std::string(s.stuck.size() == 1 ? "the only goroutine waits" : "all " + n + " goroutines wait") + ", and no timer or input is to come. ";
}

}  // namespace

std::size_t report_deadlock(const standstill& s) {
  if (s.stuck.empty()) return 0;
  constexpr std::size_t most_shown = 64;
  std::vector<const stuck_goroutine*> members = by_weight(s);
  const cause root = cause_of(*members.front(), s);
  members.resize(std::min(members.size(), most_shown));
  report::misuse m = describe(members, s);
  m.id = root.id;
  m.title = root.title;
  m.why = who_waits(s) + m.why + (members.size() == 1 ? "" : ".");
  submit_misuse(report::finding_kind::deadlock, std::move(m));
  return 1;
}

std::size_t report_endless(const standstill& s) {
  for (const stuck_goroutine& w : s.stuck) {
    report::misuse m = describe({&w}, s);
    m.id = "G03";
    m.title = "goroutine that goes on for ever";
    m.why = "it waits for timers again and again; what could end it is a channel or context that no other goroutine which can still run has.";
    submit_misuse(report::finding_kind::leak, std::move(m));
  }
  return s.stuck.size();
}

// Who waits, through locks, for whom is one group.
std::size_t report_leaks(const standstill& s) {
  std::size_t reported = 0;
  std::set<const goroutine_state*> done;
  for (const stuck_goroutine* first : by_weight(s)) {
    if (!done.insert(first->g).second) continue;
    std::vector<const stuck_goroutine*> group{first};
    for (std::size_t i = 0; i < group.size(); ++i) {
      for (const stuck_goroutine& w : s.stuck) {
        const bool linked = w.holder == group[i]->g || group[i]->holder == w.g;
        if (linked && done.insert(w.g).second) group.push_back(&w);
      }
    }
    if (std::all_of(group.begin(), group.end(), [](const stuck_goroutine* w) { return w->g->reported_stuck; })) continue;
    for (const stuck_goroutine* w : group) w->g->reported_stuck = true;
    const cause c = cause_of(*first, s);
    report::misuse m = describe(group, s);
    m.id = c.id;
    m.title = c.title;
    submit_misuse(report::finding_kind::leak, std::move(m));
    ++reported;
  }
  return reported;
}

}  // namespace ravel::detector
