// explore::run and explore::replay: schedules until something is found, shown, and said with an honest number.

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "detector/explore/behaviours.hpp"
#include "detector/explore/globals.hpp"
#include "detector/explore/network.hpp"
#include "detector/explore/numbers.hpp"
#include "detector/explore/replay.hpp"
#include "detector/explore/run.hpp"
#include "detector/report/sink.hpp"
#include "runtime/hooks/access_points.hpp"
#include "runtime/hooks/hooks.hpp"

namespace ravel::detector::explore {

namespace {

void interrupt(int) { interrupted.store(true, std::memory_order_relaxed); }

// What was found so far is still told when somebody interrupts an exploration; a second time ends the process.
class watch_for_interrupt {
 public:
  watch_for_interrupt() {
    interrupted.store(false, std::memory_order_relaxed);
    struct sigaction mine{};
    mine.sa_handler = interrupt;
    mine.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &mine, &before_);
  }
  ~watch_for_interrupt() { ::sigaction(SIGINT, &before_, nullptr); }
  watch_for_interrupt(const watch_for_interrupt&) = delete;
  watch_for_interrupt& operator=(const watch_for_interrupt&) = delete;

 private:
  struct sigaction before_{};
};

std::uint32_t number_in_environment(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return otherwise;
  char* end = nullptr;
  const unsigned long n = std::strtoul(text, &end, 10);
  if (*end != '\0' || n > 1'000'000) throw std::invalid_argument(std::string(name) + " must be a number, not '" + text + "'");
  return static_cast<std::uint32_t>(n);
}

struct part {
  std::uint32_t index = 0, of = 1;
};

// GoogleTest and Bazel already give each shard its own tests, by these very variables: only an explicit shard splits the schedules of one.
part part_of(const api::options& o) {
  if (o.shards == 0) return {number_in_environment("RAVEL_SHARD", 0), std::max(number_in_environment("RAVEL_SHARDS", 1), 1u)};
  return {o.shard, o.shards};
}

// Of globals that the body changes. A counter over all schedules is kept on purpose, so nothing is put back unless somebody asks for it.
enum class globals_are : std::uint8_t { named, kept, restored };

globals_are wanted_of_globals(bool restored) {
  const char* word = std::getenv("RAVEL_GLOBALS");
  const std::string_view text = word == nullptr ? "" : word;
  if (!text.empty() && text != "keep" && text != "restore") {
    throw std::invalid_argument("RAVEL_GLOBALS must be restore or keep, not '" + std::string(text) + "'");
  }
  if (text == "keep") return globals_are::kept;
  if (!restored && text.empty()) return globals_are::named;
  if (!globals::are_known()) throw std::invalid_argument("explore: globals cannot be restored, the program has no symbol table; link it without -s, and do not strip it");
  return globals_are::restored;
}

void check(const api::options& o) {
  if (o.schedules == 0) throw std::invalid_argument("explore: schedules must be at least 1");
  if (o.max_steps < 10) throw std::invalid_argument("explore: max_steps must be at least 10");
  if (o.points != "sync" && o.points != "accesses") throw std::invalid_argument("explore: points must be sync or accesses, not '" + o.points + "'");
  if (o.time_limit < 0) throw std::invalid_argument("explore: time_limit must not be negative");
  if (o.shards != 0 && o.shard >= o.shards) throw std::invalid_argument("explore: shard must be below shards");
}

std::string percent(double share) {
  char text[32];
  if (share >= 0.1) std::snprintf(text, sizeof text, "%.0f %%", share * 100);
  else std::snprintf(text, sizeof text, "%.2g %%", share * 100);
  return text;
}

// Which accesses to memory are points, for one exploration or replay.
class accesses_as_points {
 public:
  explicit accesses_as_points(bool all) {
    hooks::points_at_accesses = {};
    hooks::points_at_accesses.all = all;
    hooks::points_at_accesses.noting = true;
  }
  ~accesses_as_points() { hooks::points_at_accesses = {}; }
  accesses_as_points(const accesses_as_points&) = delete;
  accesses_as_points& operator=(const accesses_as_points&) = delete;
};

constexpr const char* model = "sequential consistency";

// Differences between two runs of one schedule: the program depends on something that is not controlled.
std::string first_difference(const trace& a, const trace& b) {
  for (std::size_t i = 0; i < std::max(a.events.size(), b.events.size()); ++i) {
    const bool both = i < a.events.size() && i < b.events.size();
    if (both && a.events[i].is == b.events[i].is && a.events[i].who == b.events[i].who && a.events[i].what == b.events[i].what &&
        a.events[i].n == b.events[i].n && a.events[i].value == b.events[i].value) {
      continue;
    }
    const event& e = i < a.events.size() ? a.events[i] : b.events[i];
    return "the program is not deterministic: run twice under one schedule it differs at event " + std::to_string(i) + ", of goroutine " +
           std::to_string(e.who + 1);
  }
  return {};
}

// Takes the very steps and choices of a trace. The strategy itself may choose otherwise a second time: some know objects by their addresses,
// and what is written down of a run that is to be shown moves those.
class retrace final : public strategy {
 public:
  explicit retrace(const trace& t) : trace_(t) {}
  bool begin(std::uint64_t) override {
    step_ = choice_ = 0;
    return true;
  }
  std::uint32_t next(const hooks::choice& c) override {
    const event* e = next_of(event::type::step, step_);
    const bool can = e != nullptr && std::binary_search(c.enabled, c.enabled + c.enabled_count, e->who);
    return can ? e->who : c.enabled[0];
  }
  std::uint32_t choose(std::uint32_t n) override {
    const event* e = next_of(event::type::choice, choice_);
    return e != nullptr ? std::min(e->value, n - 1) : 0;
  }

 private:
  const event* next_of(event::type wanted, std::size_t& at) const {
    while (at < trace_.events.size() && trace_.events[at].is != wanted) ++at;
    return at < trace_.events.size() ? &trace_.events[at++] : nullptr;
  }

  const trace& trace_;
  std::size_t step_ = 0, choice_ = 0;
};

class exploration {
 public:
  exploration(const body& b, const api::options& o, const surroundings& s)
      : options_(o),
        terms_{b, {.steps = o.max_steps, .leaks = o.leaks, .first_stack = s.first_stack, .network_faults = network_faults(o.network)}, o.lock_order, s.own_process},
        strategy_(make_strategy(o.strategy, o.seed)),
        part_(part_of(o)),
        progress_(s.progress),
        globals_are_(s.own_process ? globals_are::kept : wanted_of_globals(o.restore_globals)) {
    if (globals_are_ != globals_are::kept) globals_.emplace(globals_are_ == globals_are::restored);
    if (globals_are_ == globals_are::restored) terms_.restored = &*globals_;
  }

  api::result run() {
    const watch_for_interrupt watch;
    const accesses_as_points points(options_.points == "accesses");
    const double end = options_.time_limit > 0 ? real_seconds() + options_.time_limit : 0;
    exploration_ends = end;
    began_ = shown_at_ = real_seconds();
    const bool twice = options_.strategy == "check-determinism";
    for (std::uint64_t n = 0; n < options_.schedules; ++n) {
      if (n % part_.of != part_.index) continue;
      if (!begins(n)) break;
      execute(terms_, *strategy_, {}, out_);
      if (out_.given_up) {
        learn();
        ++given_up_;
        --n;
        if (real_limit(end)) break;
        continue;
      }
      if (out_.stopped) break;
      if (out_.lost && out_.failures.empty()) ++lost_;
      if (++result_.schedules == 1 && globals_) globals_->first_schedule_is_over();
      cut_ += out_.cut;
      count_behaviour();
      note_progress();
      if (twice) compare_with_second_run(n);
      const bool failed = !out_.failures.empty();
      if (failed) show_failures();
      // One that enumerates schedules does not know how far it came in this one.
      if (out_.lost && !strategy_->samples()) break;
      learn();
      take_in_raced_places();
      if (progress_) show_progress(n + 1);
      if (failed && options_.stop_on_failure) break;
      if (real_limit(end) || interrupted.load(std::memory_order_relaxed)) break;
    }
    exploration_ends = 0;
    late_ = real_limit(end);
    if (shown_) std::fputs("\r\033[K", stderr);
    // Nothing learnt since: asking again is free.
    result_.complete = strategy_->exhausted() && part_.of == 1;
    result_.distinct = seen_.distinct();
    result_.verdict = verdict();
    tell_report_file();
    return std::move(result_);
  }

 private:
  void show_progress(std::uint64_t done) {
    const double now = real_seconds();
    if (now - shown_at_ < 0.25) return;
    shown_at_ = now;
    shown_ = true;
    const double left = (now - began_) / static_cast<double>(done) * static_cast<double>(options_.schedules - done);
    std::fprintf(stderr, "\r\033[K%s of %s schedules, %.0f a second, %s distinct, %s found, at most %.0f s left", with_commas(done).c_str(),
                 with_commas(options_.schedules).c_str(), static_cast<double>(result_.schedules) / (now - began_), with_commas(seen_.distinct()).c_str(),
                 with_commas(result_.failures.size()).c_str(), options_.time_limit > 0 ? std::min(left, options_.time_limit - (now - began_)) : left);
  }

  // What a race leads to is looked for too: its places are points from the next schedule on. A strategy that enumerates schedules begins anew.
  void take_in_raced_places() {
    auto& p = hooks::points_at_accesses;
    if (p.all || p.active == p.noted) return;
    p.active = p.noted;
    if (strategy_->samples()) return;
    strategy_ = make_strategy(options_.strategy, options_.seed);
    before_restart_ = result_.schedules;
  }

  // What is kept from schedule to schedule names objects of the program, but is no memory of its.
  bool begins(std::uint64_t n) {
    const hooks::own_use ours;
    return strategy_->begin(n);
  }
  void learn() {
    const hooks::own_use ours;
    strategy_->learn(out_.happened);
  }
  void count_behaviour() {
    const hooks::own_use ours;
    seen_.add(fingerprint(out_.happened));
  }

  bool real_limit(double end) const { return end > 0 && real_seconds() > end; }

  void compare_with_second_run(std::uint64_t n) {
    trace first = out_.happened;
    strategy_->begin(n);
    execute(terms_, *strategy_, {}, out_);
    const std::string difference = first_difference(first, out_.happened);
    if (!difference.empty()) out_.failures.push_back({api::kind::assertion, difference, difference, difference, {}});
  }

  // About a hundred and fifty moments for a million schedules.
  void note_progress() {
    if (!report::has_report_file() || result_.schedules < next_noted_) return;
    noted_.push_back({result_.schedules, seen_.distinct()});
    next_noted_ = result_.schedules + 1 + result_.schedules / 12;
  }
  void tell_report_file() {
    if (!report::has_report_file()) return;
    if (noted_.empty() || noted_.back().schedules != result_.schedules) noted_.push_back({result_.schedules, result_.distinct});
    report::write_to_report_file({{}, options_.strategy, result_.verdict, result_.schedules, result_.distinct, result_.failures.size(), result_.complete,
                                  std::move(noted_)});
  }

  void show_failures() {
    std::vector<found> fresh;
    for (const found& f : out_.failures) {
      if (known_.insert(std::string(1, letter_of(f.kind)) + f.key).second) fresh.push_back(f);
    }
    if (fresh.empty()) return;
    if (first_failure_ == 0) first_failure_ = result_.schedules;
    // Once more, with names and texts.
    execution again;
    retrace same(out_.happened);
    same.begin(0);
    execute(terms_, same, {true, true}, again);
    for (const found& f : fresh) add_failure(f, again);
  }

  void add_failure(const found& f, const execution& again) {
    api::failure out;
    out.kind = f.kind;
    out.message = f.message;
    const goal g{f.kind, f.key};
    if (shows(again, g) == nullptr && !f.report.empty()) {
      out.report = f.report;
      out.schedule = write_line({letter_of(f.kind), again.deviations, terms_.limits.network_faults});
      report::finding what = f.what;
      what.happened.replay = out.schedule;
      report::write_to_report_file(std::move(what));
      result_.failures.push_back(std::move(out));
      return;
    }
    if (shows(again, g) == nullptr) {
      out.report = f.message +
                   "\nThe same schedule run a second time did not fail so: the program depends on something outside its schedule; "
                   "strategy check-determinism names it.";
      report::write_to_report_file(f.what);
      result_.failures.push_back(std::move(out));
      return;
    }
    std::vector<deviation> line = again.deviations;
    std::string minimal;
    if (options_.shrink) {
      shrunk s = shrink(terms_, line, g);
      line = std::move(s.line);
      minimal = std::move(s.minimal);
    }
    // The report of the schedule that the line stands for.
    execution shown;
    replay_strategy follower(line, shown.names);
    follower.begin(0);
    execute(terms_, follower, {.reports = true, .names = true, .operations = has_orders(line)}, shown);
    const found* shows_it = shows(shown, g);
    const found& told = *(shows_it != nullptr ? shows_it : shows(again, g));
    out.message = told.message;
    out.report = told.report;
    out.schedule = write_line({letter_of(f.kind), line, terms_.limits.network_faults});
    const std::vector<deviation> kept = std::move(line);
    report::finding what = told.what;
    what.happened.replay = out.schedule;
    if (!minimal.empty()) what.wrong.why += (what.wrong.why.empty() ? "" : " ") + minimal;
    report::write_to_report_file(std::move(what));
    if (!minimal.empty()) out.report += "\n" + minimal + "\n";
    if (options_.shrink) out.report += explain(terms_, kept, g, shown);
    result_.failures.push_back(std::move(out));
  }

  std::string verdict() const {
    std::string text;
    if (!result_.failures.empty()) {
      text = "found " + std::string(api::name_of(result_.failures.front().kind)) + " in schedule " + with_commas(first_failure_) +
             (result_.failures.size() > 1 ? ", " + with_commas(result_.failures.size()) + " failures in all; " : "; ");
    }
    if (result_.complete) {
      text += (options_.strategy == "exhaustive" ? "exhausted: " + with_commas(result_.schedules - before_restart_) + " traces"
                                                 : "exhausted: all " + with_commas(result_.schedules - before_restart_) + " schedules of " + options_.strategy);
      if (cut_ != 0) text += ", of which " + with_commas(cut_) + " were cut at " + with_commas(options_.max_steps) + " steps, so not all was seen";
    } else {
      text += "sampled: " + with_commas(result_.schedules) + " schedules, " + with_commas(result_.distinct) + " distinct";
      if (result_.failures.empty() && strategy_->samples()) {
        text += ", unseen mass at most " + percent(seen_.unseen()) + " (95 %)";
      }
      if (cut_ != 0) text += ", " + with_commas(cut_) + " cut at " + with_commas(options_.max_steps) + " steps";
    }
    if (lost_ != 0) text += ", " + with_commas(lost_) + " ended by _exit before races could be told";
    if (interrupted.load(std::memory_order_relaxed)) text += ", interrupted";
    else if (late_) text += ", stopped by the time limit";
    return text + "; " + model + advice_on_globals();
  }

  // Of one schedule alone, what it left behind does not matter.
  std::string advice_on_globals() const {
    constexpr std::size_t most_names = 3;
    if (!globals_ || result_.schedules < 2) return {};
    if (terms_.restored != nullptr) terms_.restored->put_back();
    const std::vector<std::string> names = globals_->changed();
    if (names.empty()) return {};
    std::string text = "; globals that the body changes ";
    text += terms_.restored != nullptr ? "and that cannot be put back: " : "keep their values from schedule to schedule: ";
    for (std::size_t i = 0; i < std::min(names.size(), most_names); ++i) text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > most_names) text += " and " + with_commas(names.size() - most_names) + " more";
    return text + (terms_.restored != nullptr ? " (set them at its start)" : " (set them at its start, or RAVEL_GLOBALS=restore or keep)");
  }

  const api::options options_;
  terms terms_;
  std::unique_ptr<strategy> strategy_;
  part part_;
  execution out_;
  behaviours seen_;
  std::set<std::string> known_;
  std::uint64_t cut_ = 0, given_up_ = 0, first_failure_ = 0, lost_ = 0, next_noted_ = 1;
  std::vector<report::exploration::point> noted_;
  bool progress_;
  globals_are globals_are_;
  std::optional<globals> globals_;
  double began_ = 0, shown_at_ = 0;
  bool shown_ = false, late_ = false;
  std::uint64_t before_restart_ = 0;
  api::result result_;
};

}  // namespace

api::result run_exploration(const body& b, const api::options& o, const surroundings& s) {
  check(o);
  if (hooks::in_controlled_run()) throw std::logic_error("ravel: explore::run cannot be called inside a schedule that is being explored");
  return exploration(b, o, s).run();
}

api::result run_replay(const body& b, std::string_view text, const surroundings& s) {
  if (hooks::in_controlled_run()) throw std::logic_error("ravel: explore::replay cannot be called inside a schedule that is being explored");
  const schedule_line line = read_line(text);
  const watch_for_interrupt watch;
  terms t{b, {}, true, s.own_process};
  t.limits.first_stack = s.first_stack;
  t.limits.network_faults = line.network;
  std::optional<globals> restored;
  if (!s.own_process && wanted_of_globals(false) == globals_are::restored) t.restored = &restored.emplace(true);
  const accesses_as_points none(false);
  replayed r = replay(t, line, std::getenv("RAVEL_LOG") != nullptr);
  if (restored) restored->put_back();
  api::result out;
  out.schedules = r.schedules;
  out.distinct = 1;
  for (found& f : r.failures) {
    out.failures.push_back({f.kind, std::move(f.message), write_line({letter_of(f.kind), r.line, line.network}), std::move(f.report)});
    f.what.happened.replay = out.failures.back().schedule;
    report::write_to_report_file(std::move(f.what));
  }
  out.verdict = r.says + "; " + model;
  return out;
}

}  // namespace ravel::detector::explore

namespace ravel { inline namespace v1_race {
namespace explore::detail {

result run(void (*body)(void*), void* argument, const options& o) {
  return ravel::detector::explore::run_exploration({body, argument}, o, {false, ::isatty(2) == 1, 0});
}

result replay(void (*body)(void*), void* argument, std::string_view line) {
  return ravel::detector::explore::run_replay({body, argument}, line, {});
}

}  // namespace explore::detail
} }
