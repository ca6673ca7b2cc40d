#include "detector/explore/engine.hpp"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "detector/explore/globals.hpp"
#include "detector/explore/own_process.hpp"
#include "detector/explore/schedule_log.hpp"
#include "detector/report/same.hpp"
#include "detector/report/sink.hpp"
#include "runtime/hooks/hooks.hpp"

namespace ravel::detector::explore {

std::atomic<bool> interrupted{false};
double exploration_ends = 0;

double real_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

report::finding_kind finding_kind_of(enum api::kind k) {
  switch (k) {
    case api::kind::race: return report::finding_kind::race;
    case api::kind::deadlock: return report::finding_kind::deadlock;
    case api::kind::leak: return report::finding_kind::leak;
    case api::kind::lock_order: return report::finding_kind::lock_order;
    case api::kind::channel_misuse: return report::finding_kind::channel_misuse;
    case api::kind::sync_misuse: return report::finding_kind::sync_misuse;
    case api::kind::panic: return report::finding_kind::panic;
    case api::kind::assertion: return report::finding_kind::assertion;
    case api::kind::livelock: return report::finding_kind::livelock;
  }
  __builtin_unreachable();
}

namespace {

constexpr std::size_t kept_findings = 8;  // of one schedule

api::detail::observer observer;

std::string without_numbers(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }), text.end());
  return text;
}

bool begins_with(const std::string& text, const char* with) { return text.rfind(with, 0) == 0; }

// Go's words tell misuse of channels from a panic of the program's own.
enum api::kind kind_of_panic(const std::string& message) {
  for (const char* misuse : {"panic: send on closed channel", "panic: close of closed channel", "panic: close of nil channel"}) {
    if (begins_with(message, misuse)) return api::kind::channel_misuse;
  }
  return begins_with(message, "panic: sync: ") ? api::kind::sync_misuse : api::kind::panic;
}

// Misuse that the detector sees as a race on something that stands for it: the row of the table of conditions, or null.
const char* misuse_seen_as_race(const report::race& r) {
  using enum report::access_kind;
  const auto either = [&r](report::access_kind k) { return r.current.kind == k || r.previous.kind == k; };
  if (either(channel_close)) return either(channel_send) ? "C06" : "C07";
  return either(wait_group_add) || either(wait_group_wait) ? "W02" : nullptr;
}

enum api::kind kind_of(const report::finding& f) {
  switch (f.kind) {
    case report::finding_kind::race:
      if (const char* id = misuse_seen_as_race(f.data_race)) return id[0] == 'C' ? api::kind::channel_misuse : api::kind::sync_misuse;
      return api::kind::race;
    case report::finding_kind::deadlock: return api::kind::deadlock;
    case report::finding_kind::leak: return api::kind::leak;
    case report::finding_kind::lock_order: return api::kind::lock_order;
    case report::finding_kind::channel_misuse: return api::kind::channel_misuse;
    case report::finding_kind::sync_misuse: return api::kind::sync_misuse;
    case report::finding_kind::panic: return api::kind::panic;
    case report::finding_kind::assertion: return api::kind::assertion;
    case report::finding_kind::livelock: return api::kind::livelock;
  }
  __builtin_unreachable();
}

enum api::kind kind_of(const hooks::controlled_result& r) {
  switch (r.how) {
    case hooks::ending::deadlock: return api::kind::deadlock;
    case hooks::ending::leak: return api::kind::leak;
    case hooks::ending::panic: return kind_of_panic(r.message);
    case hooks::ending::fatal: return api::kind::sync_misuse;
    case hooks::ending::livelock: return api::kind::livelock;
    case hooks::ending::assertion:
    case hooks::ending::finished:
    case hooks::ending::step_limit:
    case hooks::ending::time_limit:
    case hooks::ending::unsupported:
    case hooks::ending::stopped: return api::kind::assertion;
  }
  __builtin_unreachable();
}

class conductor final : public hooks::schedule_policy {
 public:
  conductor(const terms& t, strategy& s, const wishes& w, execution& out, witness* of)
      : strategy_(s), wishes_(w), out_(out), lists_(s.wants_enabled()), lock_order_(t.lock_order), witness_(of) {
    out.names.with_operations(w.operations);
  }

  std::uint32_t next(const hooks::choice& c) override {
    const hooks::own_use ours;  // the trace names objects: what is written here must not look like the program's memory
    all_ = c.all;
    trace& t = out_.happened;
    if (wishes_.names) name(c);
    if ((++asked_ & 255) == 0 && (interrupted.load(std::memory_order_relaxed) || (exploration_ends > 0 && real_seconds() > exploration_ends))) {
      out_.stopped = true;
      hooks::end_schedule_from_policy(hooks::ending::stopped);
      return c.enabled[0];
    }
    if (wishes_.until_race && raced_) {
      hooks::end_schedule_from_policy(hooks::ending::stopped);
      return c.enabled[0];
    }
    const std::uint32_t who = strategy_.next(c);
    if (who == strategy::give_up) {
      out_.given_up = true;
      hooks::end_schedule_from_policy(hooks::ending::stopped);
      return c.enabled[0];
    }
    if (wishes_.names) note_switch(c, who);
    if (wishes_.reports && wishes_.names) log_.step(c, who, out_.names, t.events.size());
    if (wishes_.operations) {
      out_.taken.push_back({out_.names.of(who), out_.names.operation(who), who, static_cast<std::uint32_t>(t.events.size()), out_.names.place_of_pending(who)});
    }
    const hooks::step& s = c.all[who].pending;
    if (wishes_.log) log(t.events.size(), who, s);
    event& e = t.events.emplace_back();
    e.is = event::type::step;
    e.what = s.what;
    e.how = s.how;
    e.from_was = static_cast<std::uint8_t>(c.all[c.current].is);
    e.who = who;
    e.from = c.current;
    e.value = c.enabled_count;
    e.object = s.object;
    e.place = s.place;
    if (s.more_count != 0) {
      e.more_at = static_cast<std::uint32_t>(t.objects.size());
      e.more_count = s.more_count;
      t.objects.insert(t.objects.end(), s.more, s.more + s.more_count);
    }
    if (lists_) {
      e.n = static_cast<std::uint32_t>(t.enabled.size());
      t.enabled.insert(t.enabled.end(), c.enabled, c.enabled + c.enabled_count);
    }
    if (witness_ != nullptr) witness_->saw(out_, strategy_);
    return who;
  }

  due falls_due(const hooks::choice& c) override { return strategy_.falls_due(c); }

  std::uint32_t choose(std::uint32_t n) override {
    const hooks::own_use ours;
    const std::uint32_t chosen = strategy_.choose(n);
    if (wishes_.names) {
      if (chosen != 0) {
        out_.deviations.push_back({deviation::type::choice, out_.names.of(last_), out_.names.pending(last_), {}, chosen, choices_});
      }
      ++choices_;
    }
    event& e = out_.happened.events.emplace_back();
    e.is = event::type::choice;
    e.value = chosen;
    e.n = n;
    return chosen;
  }

  void created(std::uint32_t parent, std::uint32_t child) override {
    const hooks::own_use ours;
    out_.happened.goroutines = child + 1;
    event& e = out_.happened.events.emplace_back();
    e.is = event::type::created;
    e.who = child;
    e.from = parent;
    if (wishes_.names) unnamed_.push_back({parent, child});
  }

  void woken(std::uint32_t by, std::uint32_t who) override {
    const hooks::own_use ours;
    event& e = out_.happened.events.emplace_back();
    e.is = event::type::woken;
    e.who = who;
    e.from = by;
  }

  bool only_time_passes() override { return hooks::sink().controlled_standstill(false) != 0; }

  void over(const hooks::controlled_result& r) override {
    const hooks::own_use ours;
    using hooks::ending;
    if (r.how == ending::step_limit || r.how == ending::livelock) hooks::sink().controlled_standstill(false);
    std::vector<report::finding> found_before;
    found_before.swap(findings_);
    std::vector<std::size_t> found_at;
    found_at.swap(findings_at_);
    const bool standstill = r.how == ending::deadlock || r.how == ending::leak;
    if (standstill && wishes_.reports) hooks::sink().controlled_standstill(true);
    report::listen(nullptr, nullptr);
    out_.happened.result = r;
    for (std::size_t i = 0; i < found_before.size(); ++i) {
      report::finding& f = found_before[i];
      // What a search of memory found it may miss the next time: a stray word can look like a pointer.
      const bool told = wishes_.reports || f.kind == report::finding_kind::leak || f.kind == report::finding_kind::deadlock;
      found& shown = out_.failures.emplace_back(found{kind_of(f), summary_of(f), report::key_of(f), told ? report::text_of(f) : std::string(), {}});
      if (!told) continue;
      shown.what = std::move(f);
      if (wishes_.reports && wishes_.names) log_.describe_race(out_.happened, found_at[i], shown.what);
    }
    switch (r.how) {
      case ending::finished:
      case ending::stopped:
      case ending::time_limit: break;
      case ending::step_limit: out_.cut = true; break;
      case ending::unsupported: out_.unsupported = r.message; break;
      default: {
        found f{kind_of(r), r.message, without_numbers(r.message), {}, {}};
        if (wishes_.reports) {
          f.what.kind = finding_kind_of(f.kind);
          // What each goroutine waits for is said with each.
          f.what.wrong.title = r.message.substr(0, r.message.find("! goroutine "));
          if (wishes_.names) log_.describe_ending(out_.happened, all_, f.what);
          for (const report::finding& why : findings_) {
            f.message += "\n" + summary_of(why);
            f.what.wrong.why += (f.what.wrong.why.empty() ? "" : " ") + why.wrong.why;
          }
          f.report = r.message + "\n\n";
          for (const report::finding& why : findings_) f.report += report::text_of(why) + "\n";
          f.report += "All goroutines:\n\n" + hooks::describe_controlled();
        }
        out_.failures.push_back(std::move(f));
      }
    }
    if (witness_ != nullptr) witness_->over(out_, strategy_);
  }

  // Of the test library, which is asked when the schedule is over.
  void describe_assertion(found& f) {
    f.what.kind = report::finding_kind::assertion;
    f.what.wrong.title = f.message;
    log_.describe_ending(out_.happened, nullptr, f.what);
  }

  static void hear(void* context, report::finding&& f) {
    auto& mine = *static_cast<conductor*>(context);
    if (!mine.lock_order_ && f.kind == report::finding_kind::lock_order) return;
    mine.raced_ = mine.raced_ || f.kind == report::finding_kind::race;
    if (mine.findings_.size() == kept_findings) return;
    mine.findings_.push_back(std::move(f));
    mine.findings_at_.push_back(mine.out_.happened.events.size());
  }

 private:
  void name(const hooks::choice& c) {
    for (const auto& [parent, child] : unnamed_) {
      out_.names.created(c.all[child], child, parent);
      out_.names.announced(child, c.all[child].pending);
    }
    unnamed_.clear();
    if (asked_ != 0) out_.names.announced(c.current, c.all[c.current].pending);
  }

  void log(std::size_t number, std::uint32_t who, const hooks::step& s) const {
    const report::frame at = source_of(out_.names.place_of_pending(who));
    std::fprintf(stderr, "%6zu  goroutine %u  %s", number, who + 1, word_for(s.what));
    if (s.object != nullptr) std::fprintf(stderr, " of %p", s.object);
    if (at.line != 0) std::fprintf(stderr, "  %s at %s:%u", at.function.c_str(), at.file.c_str(), at.line);
    std::fputc('\n', stderr);
  }

  void note_switch(const hooks::choice& c, std::uint32_t who) {
    last_ = who;
    choices_ = 0;
    const bool goes_on = c.all[c.current].is == hooks::controlled_goroutine::condition::enabled;
    if (who == (goes_on ? c.current : c.enabled[0])) return;
    out_.deviations.push_back({goes_on ? deviation::type::preemption : deviation::type::turn, out_.names.of(c.current),
                               out_.names.pending(c.current), out_.names.of(who), 0, 0});
  }

  // What the failure is about in one line, for misuse with its row of the table of conditions.
  static std::string summary_of(const report::finding& f) {
    if (f.kind != report::finding_kind::race) return f.wrong.title + " [" + f.wrong.id + "]";
    if (const char* id = misuse_seen_as_race(f.data_race)) {
      const char* what = id[2] == '6' ? "send on and close of a channel without order" : id[0] == 'C' ? "two closes of a channel without order"
                                                                                                 : "add from zero and wait of a wait_group without order";
      return std::string(what) + " [" + id + "]";
    }
    const report::access& a = f.data_race.current;
    std::string text = "data race";
    if (!a.variable.empty()) text += " on " + a.variable;
    if (!a.at.empty()) text += " in " + a.at.front().function;
    if (!f.data_race.previous.at.empty()) text += " with " + f.data_race.previous.at.front().function;
    return text;
  }

  strategy& strategy_;
  const wishes& wishes_;
  execution& out_;
  const hooks::controlled_goroutine* all_ = nullptr;
  bool lists_;
  bool lock_order_;
  bool raced_ = false;
  witness* witness_;
  std::uint64_t asked_ = 0;
  std::uint32_t last_ = 0, choices_ = 0;
  std::vector<report::finding> findings_;
  std::vector<std::size_t> findings_at_;  // how many events there were then
  schedule_log log_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> unnamed_;
};

conductor* running = nullptr;  // in a process of its own

}  // namespace

void set_observer(const api::detail::observer& o) { observer = o; }

void clear(execution& out) {
  const hooks::own_use ours;
  out.happened.clear();
  out.failures.clear();
  out.names.clear();
  out.deviations.clear();
  out.taken.clear();
  out.unsupported.clear();
  out.cut = out.stopped = out.given_up = out.lost = false;
}

void execute(const terms& t, strategy& s, const wishes& w, execution& out) {
  if (t.restored != nullptr) t.restored->put_back();
  if (t.own_process) execute_in_own_process(t, s, w, out);
  else execute_here(t, s, w, out, nullptr);
  if (!out.unsupported.empty()) throw std::logic_error("ravel: " + out.unsupported);
}

void ended_by_exit(int status) {
  if (running == nullptr) return;
  hooks::controlled_result r;
  if (status != 0) {
    r.how = hooks::ending::assertion;
    r.message = "the program ended with exit status " + std::to_string(status);
  }
  std::exchange(running, nullptr)->over(r);
}

void execute_here(const terms& t, strategy& s, const wishes& w, execution& out, witness* of) {
  clear(out);
  conductor c(t, s, w, out, of);
  if (of != nullptr) running = &c;
  report::listen(conductor::hear, &c);
  if (observer.before != nullptr) observer.before(observer.context);
  try {
    hooks::run_controlled(c, t.what.run, t.what.argument, t.limits);
  } catch (...) {
    report::listen(nullptr, nullptr);
    throw;
  }
  std::string message;
  if (observer.after != nullptr && observer.after(observer.context, message)) {
    const std::string key = without_numbers(message);
    out.failures.push_back({api::kind::assertion, message, key, w.reports ? message : std::string(), {}});
    if (w.reports) c.describe_assertion(out.failures.back());
  }
}

}  // namespace ravel::detector::explore

namespace ravel { inline namespace v1_race {
namespace explore {

void fail(std::string_view message) {
  if (!hooks::in_controlled_run()) {
    std::fprintf(stderr, "explore::fail: %.*s\n", static_cast<int>(message.size()), message.data());
    std::abort();
  }
  hooks::end_schedule(hooks::ending::assertion, std::string(message).c_str());
}

const char* name_of(enum kind k) {
  switch (k) {
    case kind::race: return "race";
    case kind::deadlock: return "deadlock";
    case kind::leak: return "leak";
    case kind::lock_order: return "lock_order";
    case kind::channel_misuse: return "channel_misuse";
    case kind::sync_misuse: return "sync_misuse";
    case kind::panic: return "panic";
    case kind::assertion: return "assertion";
    case kind::livelock: return "livelock";
  }
  return "?";
}

namespace detail {
void observe(const observer& o) { ravel::detector::explore::set_observer(o); }
void keep_reports() { ravel::detector::report::keep_texts(); }
std::size_t reports() { return ravel::detector::report::submitted(); }
std::string report_text(std::size_t number) { return ravel::detector::report::kept_text(number); }
}  // namespace detail

}  // namespace explore
} }
