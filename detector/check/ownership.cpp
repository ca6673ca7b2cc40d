#include "detector/check/ownership.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "detector/base/spin_lock.hpp"
#include "detector/check/describe.hpp"
#include "detector/clock/chain_pool.hpp"
#include "detector/race/calling_context.hpp"
#include "detector/race/locate.hpp"
#include "detector/race/race_report.hpp"
#include "detector/report/words.hpp"
#include "detector/shadow/goroutine_table.hpp"
#include "detector/shadow/stack_depot.hpp"

namespace ravel::detector {

namespace {

using hooks::channel_use;

// Something that a goroutine did with the channel, and when: who comes after it knows this time of this chain.
struct deed {
  goroutine_index goroutine = 0;
  std::uint64_t id = 0;  // of the goroutine; 0: nobody
  chain_id chain = 0;
  clock_time time = 0;
  stack_id at = 0;
};

struct participant {
  std::uint64_t id = 0;
  deed sent, received;           // the last ones; id 0: never
  std::uint64_t sent_as = 0;     // the number of its last send
  std::uint64_t began_as = 0;    // of its first
  bool took_over = false;        // when it began to send, all earlier sends came before
};

// Invariants: `owners` is empty unless an owner is declared, and then its last is the owner now, `used` the last thing he did with it.
struct channel_history {
  spin_lock lock;  // guards all
  std::vector<deed> owners;
  deed used;
  deed made, closed;
  std::vector<participant> participants;
  std::uint64_t sends = 0;
  bool told = false;
};

constexpr std::size_t most_participants = 64;
constexpr std::size_t most_owners = 16;  // the first and the newest stay

channel_history* history_of(hooks::watched_channel& w) {
  return static_cast<channel_history*>(__atomic_load_n(&w.record, __ATOMIC_ACQUIRE));
}
channel_history& made_history_of(hooks::watched_channel& w) {
  if (channel_history* h = history_of(w)) return *h;
  auto* made = new channel_history;
  void* none = nullptr;
  if (__atomic_compare_exchange_n(&w.record, &none, static_cast<void*>(made), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return *made;
  delete made;
  return *static_cast<channel_history*>(none);
}

deed deed_of(goroutine_state& g, const void* frame) {
  g.last_recorded = g.clock.begin_recording();
  return {g.index, g.view->id, g.clock.chain(), g.last_recorded, stack_of_event(frame)};
}

// Of a chain that is forgotten nobody can say, so it counts as ordered: no report is made that might be wrong.
bool comes_after(const goroutine_state& g, const deed& d) {
  return d.id == g.view->id || g.clock.knows(d.chain, d.time) || chain_pool::has_forgotten(d.chain);
}

report::party party_of(const deed& d, std::string doing) {
  report::party p;
  // The row of one that ended long ago may be another's by now.
  if (goroutine_table::at(d.goroutine).id == d.id) p.who = readable_goroutine(d.goroutine);
  else p.who.id = d.id;
  p.doing = std::move(doing);
  p.at = readable_stack(d.at);
  return p;
}

const char* words_for(channel_use use) {
  switch (use) {
    case channel_use::send: return "sends on";
    case channel_use::receive: return "receives from";
    case channel_use::close: return "closes";
  }
  __builtin_unreachable();
}

report::misuse begin_report(const char* id, const char* title, const deed& now, const goroutine_state& g, channel_use use, const void* channel) {
  report::misuse m;
  m.id = id;
  m.title = title;
  m.parties.push_back(party_of(now, std::string(words_for(use)) + " the channel at " + hex_address(channel)));
  m.parties.back().locks = readable_locks(g.locks);
  m.objects.push_back(object_of(channel, hooks::wait_reason::chan_send));
  return m;
}

void add_owners(report::misuse& m, const goroutine_state& g, const channel_history& h) {
  for (std::size_t i = h.owners.size(); i-- > 0;) {
    const bool last = i + 1 == h.owners.size();
    m.parties.push_back(party_of(last ? h.used : h.owners[i], last ? "owns it, and used it as its owner last" : i == 0 ? "declared that it owns it" : "owned it before"));
  }
  m.objects.front().holder = report::title_of(m.parties[1].who) + " owns it";
  if (!comes_after(g, h.used)) m.why += " Nothing orders it and what the owner did last.";
  else if (h.closed.id != 0) m.why += " It comes after the close, and panics.";
  else m.why += " It comes after what the owner did last, so nothing went wrong this time; nothing keeps the owner from closing first.";
}

}  // namespace

void note_channel_made(goroutine_state& g, hooks::watched_channel& w, const void* frame) {
  const deed now = deed_of(g, frame);
  channel_history& h = made_history_of(w);
  const locked hold(h.lock);
  h.made = now;
}

// The declaration and each use of it. The first one declares.
void note_channel_owned(goroutine_state& g, const void* channel, hooks::watched_channel& w, const void* frame) {
  const deed now = deed_of(g, frame);
  channel_history& h = made_history_of(w);
  std::optional<report::misuse> m;
  {
    const locked hold(h.lock);
    if (h.owners.empty() || h.owners.back().id != now.id) {
      if (!h.owners.empty() && !comes_after(g, h.used) && !h.told) {
        m = begin_report("C11", "owner of a channel used by two goroutines", now, g, channel_use::send, channel);
        m->parties.front().doing = "uses the owner of the channel at " + hex_address(channel);
        m->why = "an owner is one goroutine's at a time: it is handed over by a move, in a way that orders the new owner after the old one.";
        add_owners(*m, g, h);
        h.told = true;
      }
      if (h.owners.size() == most_owners) h.owners.erase(h.owners.begin() + 1);
      h.owners.push_back(now);
    }
    h.used = now;
  }
  if (m) submit_misuse(report::finding_kind::channel_misuse, std::move(*m));
}

namespace {

// The three of these under the history's lock.
std::optional<report::misuse> judge_declared(goroutine_state& g, const void* channel, const channel_history& h, channel_use use, const deed& now) {
  if (h.owners.back().id == now.id || use == channel_use::receive || h.told) return std::nullopt;
  const bool closes = use == channel_use::close, again = closes && h.closed.id != 0;
  report::misuse m = begin_report(!closes ? "C11" : again ? "C10" : "C09",
                                  !closes ? "send on a channel by a goroutine that does not own it"
                                  : again ? "second close of a channel, by a goroutine that does not own it"
                                          : "close of a channel by a goroutine that does not own it",
                                  now, g, use, channel);
  m.why = "the channel has a declared owner (owned_chan), which alone sends on it and closes it; this was done with a handle of the channel itself.";
  add_owners(m, g, h);
  if (again) m.parties.push_back(party_of(h.closed, "closed it"));
  return m;
}

bool all_sends_come_before(const goroutine_state& g, const channel_history& h) {
  return std::all_of(h.participants.begin(), h.participants.end(), [&](const participant& p) { return p.sent.id == 0 || comes_after(g, p.sent); });
}

// Whose function called make_chan.
bool made_by_the_runtime(const deed& made) {
  constexpr std::size_t most = 16;
  std::uintptr_t frames[most];
  const std::size_t n = std::min(stack_depot::frames(made.at, frames, most), most);
  struct search { bool making, known, runtimes; } s{false, false, false};
  for (std::size_t i = 0; i < n && !s.known; ++i) {
    hooks::symbolize(frames[i] - 1, &s, [](void* argument, const hooks::source_frame& f) {
      auto& w = *static_cast<search*>(argument);
      if (w.known) return;
      const bool makes = std::strstr(f.function, "make_core") != nullptr || std::strstr(f.function, "make_chan<") != nullptr || std::strstr(f.function, "make_owned_chan<") != nullptr;
      w.known = w.making && !makes;
      w.runtimes = w.known && std::strstr(f.function, "ravel::") == f.function;
      w.making = w.making || makes;
    });
  }
  return s.runtimes;
}

const participant* other_sender(const channel_history& h, const participant& me) {
  for (const participant& p : h.participants) {
    if (p.id != me.id && p.sent.id != 0 && (p.sent_as > me.began_as || !me.took_over)) return &p;
  }
  return nullptr;
}

participant& participant_of(channel_history& h, std::uint64_t id) {
  const auto at = std::find_if(h.participants.begin(), h.participants.end(), [id](const participant& p) { return p.id == id; });
  if (at != h.participants.end()) return *at;
  if (h.participants.size() == most_participants) h.participants.erase(h.participants.begin());
  h.participants.emplace_back();
  h.participants.back().id = id;
  return h.participants.back();
}

report::misuse begin_advice(const char* id, const char* title, const deed& now, const goroutine_state& g, const void* channel, const char* why) {
  report::misuse m = begin_report(id, title, now, g, channel_use::close, channel);
  m.advice = true;
  m.why = why;
  return m;
}

std::optional<report::misuse> judge_close(const goroutine_state& g, const void* channel, const channel_history& h, const participant& me, const deed& now) {
  if (h.closed.id != 0) {
    if (h.closed.id == now.id) return std::nullopt;
    report::misuse m = begin_advice("C10", "channel closed by two goroutines", now, g, channel, "one goroutine should own the channel, and close it once.");
    m.parties.push_back(party_of(h.closed, "closed it"));
    return m;
  }
  if (me.sent.id != 0) {
    const participant* other = other_sender(h, me);
    if (other == nullptr) return std::nullopt;
    report::misuse m = begin_advice("C11", "one of several senders closes the channel", now, g, channel,
                                    "a channel that several goroutines send on is best closed by one that waits for all of them and does not send itself.");
    m.parties.push_back(party_of(other->sent, "sent on it"));
    return m;
  }
  const auto sender = std::find_if(h.participants.begin(), h.participants.end(), [](const participant& p) { return p.sent.id != 0; });
  if (me.received.id == 0 || sender == h.participants.end()) return std::nullopt;
  if (h.made.id == now.id && all_sends_come_before(g, h)) return std::nullopt;
  report::misuse m = begin_advice("C09", "channel closed by a receiver", now, g, channel,
                                  "a receiver cannot know that nobody will send any more: who sends is the one that can close.");
  m.parties.push_back(party_of(me.received, "received from it"));
  m.parties.push_back(party_of(sender->sent, "sent on it"));
  return m;
}

std::optional<report::misuse> judge_guessed(const goroutine_state& g, const void* channel, channel_history& h, channel_use use, const deed& now) {
  participant& me = participant_of(h, now.id);
  if (use == channel_use::receive) me.received = now;
  if (use == channel_use::send) {
    if (me.sent.id == 0) {
      me.took_over = all_sends_come_before(g, h);
      me.began_as = h.sends + 1;
    }
    me.sent = now;
    me.sent_as = ++h.sends;
  }
  if (use != channel_use::close || h.told) return std::nullopt;
  std::optional<report::misuse> m = judge_close(g, channel, h, me, now);
  if (m && made_by_the_runtime(h.made)) m.reset();
  return m;
}

}  // namespace

void note_channel_used(goroutine_state& g, const void* channel, hooks::watched_channel& w, channel_use use, const void* frame) {
  const deed now = deed_of(g, frame);
  channel_history& h = *history_of(w);
  std::optional<report::misuse> m;
  {
    const locked hold(h.lock);
    m = h.owners.empty() ? judge_guessed(g, channel, h, use, now) : judge_declared(g, channel, h, use, now);
    h.told = h.told || m.has_value();
    if (use == channel_use::close && h.closed.id == 0) h.closed = now;
  }
  if (m) submit_misuse(report::finding_kind::channel_misuse, std::move(*m));
}

void note_channel_gone(hooks::watched_channel& w) {
  delete history_of(w);
  w.record = nullptr;
}

}  // namespace ravel::detector
