#include "detector/explore/recorded.hpp"

#include <algorithm>
#include <limits>

#include "detector/explore/numbers.hpp"
#include "detector/explore/replay.hpp"
#include "detector/explore/strategies/recorded.hpp"
#include "detector/report/sink.hpp"
#include "runtime/hooks/hooks.hpp"

namespace ravel::detector::explore {

namespace {

constexpr std::uint64_t most_named = 50'000;       // operations of a run whose steps are worth names, for a line and a diagram
constexpr std::size_t most_deviations = 400;       // of a line that is worth shrinking

bool was_noted(const record::recording& r, const found& f) {
  const std::uint64_t key = record::hash_of_text(f.key.data(), f.key.size());
  return std::any_of(r.noted.begin(), r.noted.end(), [key](const record::noted_finding& n) { return n.key == key; });
}

class keeps_order_while_here {
 public:
  explicit keeps_order_while_here(hooks::order_keeper& k) { hooks::detail::keeps_order.store(&k); }
  ~keeps_order_while_here() { hooks::detail::keeps_order.store(nullptr); }
  keeps_order_while_here(const keeps_order_while_here&) = delete;
  keeps_order_while_here& operator=(const keeps_order_while_here&) = delete;
};

std::string counted(std::uint64_t n, const char* what) { return with_commas(n) + " " + what + (n == 1 ? "" : "s"); }

// The schedule as a line, where one shows the same: small, and it survives edits of the program.
std::string line_of(const terms& t, std::vector<deviation> deviations, const found& f) {
  if (deviations.size() > most_deviations) return {};
  terms under_line = t;
  under_line.limits = {};
  under_line.limits.first_stack = t.limits.first_stack;
  const goal g{f.kind, f.key};
  execution out;
  replay_strategy follower(deviations, out.names);
  follower.begin(0);
  execute(under_line, follower, {false, true}, out);
  if (shows(out, g) == nullptr) return {};
  return write_line({letter_of(f.kind), shrink(under_line, std::move(deviations), g).line});
}

std::string how_far(const record::recording& r, const recorded_strategy& s) {
  return with_commas(s.repeated()) + " of " + counted(r.operations, "operation");
}

}  // namespace

void after_main() {
  hooks::order_keeper* k = hooks::keeps_order();
  if (k == nullptr) return;
  k->main_returned();
  // The others come first, as far as they came before the recorded end of main.
  RAVEL_POINT(yield, nothing, nullptr);
}

repeated repeat(const record::recording& r, void (*main)(void*), std::size_t first_stack, bool own_process) {
  terms t{{main, nullptr}, {}, true, own_process};
  t.limits.first_stack = first_stack;
  t.limits.leaks = false;
  t.limits.spinning = false;                       // it spun then as well
  t.limits.steps = std::numeric_limits<std::uint64_t>::max() / 2;
  t.limits.nanoseconds = 60'000'000'000 + static_cast<std::int64_t>(r.operations) * 20'000;
  recorded_strategy follower(r);
  execution out;
  {
    const keeps_order_while_here keeps(follower);
    follower.begin(0);
    execute(t, follower, {true, r.operations <= most_named, true}, out);
  }
  repeated said;
  said.result.schedules = said.result.distinct = 1;
  bool same = false;
  for (found& f : out.failures) {
    const bool noted = was_noted(r, f);
    if (!noted && f.kind == api::kind::lock_order) continue;  // may be found where the order was right then
    same = same || noted;
    api::failure shown{f.kind, f.message, {}, f.report};
    if (noted && f.kind == api::kind::race && r.operations <= most_named) shown.schedule = line_of(t, out.deviations, f);
    f.what.happened.replay = shown.schedule;
    report::write_to_report_file(std::move(f.what));
    said.result.failures.push_back(std::move(shown));
  }
  const std::string diverged = follower.divergence().empty() ? "" : "diverged at " + follower.divergence();
  std::string& verdict = said.result.verdict;
  if (same) {
    said.how = repeated::outcome::reproduced;
    verdict = "reproduced after " + how_far(r, follower) + (diverged.empty() ? "" : ", although it " + diverged);
  } else if (!said.result.failures.empty()) {
    said.how = repeated::outcome::other;
    verdict = (r.noted.empty() ? "nothing was found when it was recorded; this was found now" : "not reproduced: this is another finding than was recorded");
    verdict += ", after " + how_far(r, follower) + (diverged.empty() ? "" : "; " + diverged);
  } else if (!diverged.empty()) {
    said.how = repeated::outcome::diverged;
    verdict = diverged + "; after " + how_far(r, follower) + " the program no longer does what was recorded; does it depend on time, files, sockets or random numbers?";
  } else if (r.noted.empty()) {
    said.how = repeated::outcome::clean;
    verdict = "repeated " + how_far(r, follower) + "; nothing was found when it was recorded, and nothing now";
  } else {
    verdict = "not reproduced: " + how_far(r, follower) + " were repeated in their order, and what was found then did not show";
    said.how = repeated::outcome::not_reproduced;
  }
  if (r.threads) verdict += "; the program made threads of its own, after which nothing was recorded";
  if (r.out_of_space) verdict += "; the disk was full before the end of the recording";
  return said;
}

}  // namespace ravel::detector::explore
