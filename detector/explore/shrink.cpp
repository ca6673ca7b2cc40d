// Zeller, Hildebrandt: Simplifying and isolating failure-inducing input (TSE 2002), over the deviations of a line; then every schedule with
// fewer preemptions is run, where that is cheap, which proves the number minimal or finds a better line (Musuvathi, Qadeer: Iterative context
// bounding, PLDI 2007).

#include <algorithm>

#include "detector/explore/numbers.hpp"
#include "detector/explore/replay.hpp"

namespace ravel::detector::explore {

namespace {

constexpr std::size_t long_line = 64;
constexpr std::uint64_t most_tests = 1500;
constexpr std::uint64_t most_schedules_for_proof = 2000;
// A process for each schedule makes one some hundred times as dear.
constexpr std::uint64_t most_tests_of_processes = 200, most_processes_for_proof = 300;

class shrinker {
 public:
  shrinker(const terms& t, const goal& g, std::uint64_t& schedules) : terms_(t), goal_(g), follower_(none_, out_.names), schedules_(schedules) {}

  // Whether the goal is reached by following `line`; then `line` becomes what really happened.
  bool reaches(std::vector<deviation>& line) {
    follower_.follow(line);
    follower_.begin(0);
    execute(terms_, follower_, {false, true}, out_);
    ++schedules_;
    if (shows(out_, goal_) == nullptr) return false;
    line = out_.deviations;
    return true;
  }

  void reduce(std::vector<deviation>& line) {
    for (std::size_t chunk = std::max<std::size_t>(line.size() / 2, 1); !line.empty();) {
      bool any = false;
      for (std::size_t at = 0; at < line.size() && schedules_ < most();) {
        std::vector<deviation> shorter = line;
        const auto first = shorter.begin() + static_cast<std::ptrdiff_t>(at);
        shorter.erase(first, first + static_cast<std::ptrdiff_t>(std::min(chunk, line.size() - at)));
        if (reaches(shorter) && weight(shorter) < weight(line)) {
          line = std::move(shorter);
          any = true;
        } else {
          at += chunk;
        }
      }
      if (schedules_ >= most() || (chunk == 1 && !any)) return;
      if (chunk > 1) chunk = std::max<std::size_t>(std::min(chunk / 2, line.size() / 2), 1);
    }
  }

  static std::size_t weight(const std::vector<deviation>& line) { return line.size() + 2 * preemptions(line); }

  std::uint64_t most() const { return terms_.own_process ? most_tests_of_processes : most_tests; }

 private:
  const terms& terms_;
  const goal& goal_;
  execution out_;
  std::vector<deviation> none_;
  replay_strategy follower_;
  std::uint64_t& schedules_;
};

std::string count_of(std::uint32_t n, const char* what) { return with_commas(n) + " " + what + (n == 1 ? "" : "s"); }

}  // namespace

shrunk shrink(const terms& t, std::vector<deviation> line, const goal& g) {
  shrunk s;
  shrinker by(t, g, s.schedules);
  if (std::vector<deviation> same = line; !by.reaches(same)) {
    s.line = std::move(line);
    return s;
  } else {
    line = std::move(same);
  }
  by.reduce(line);
  for (;;) {
    const std::uint32_t found_with = preemptions(line);
    if (found_with == 0) {
      s.minimal = "minimal: 0 preemptions";
      break;
    }
    std::unique_ptr<strategy> fewer = make_bounded(found_with - 1);
    execution out;
    std::uint64_t n = 0;
    bool better = false;
    const std::uint64_t most = t.own_process ? most_processes_for_proof : most_schedules_for_proof;
    for (; n < most && !better && !out.lost && fewer->begin(n); ++n) {
      execute(t, *fewer, {false, true}, out);
      if (!out.lost) fewer->learn(out.happened);
      better = shows(out, g) != nullptr;
    }
    s.schedules += n;
    if (better) {
      std::vector<deviation> other = out.deviations;
      by.reduce(other);
      if (preemptions(other) >= found_with) break;
      line = std::move(other);
      continue;  // maybe fewer still
    }
    if (fewer->exhausted()) s.minimal = "minimal: " + count_of(found_with, "preemption") + "; all " + with_commas(n) + " schedules with fewer pass";
    break;
  }
  // Many orders in one line help nobody: then where it deviates is said.
  const auto length = [](const std::vector<deviation>& l) { return write_line({'-', l}).size(); };
  std::optional<std::vector<deviation>> orders = as_orders(t, line, g, s.schedules);
  if (orders && (length(*orders) <= long_line || length(*orders) <= length(line))) line = std::move(*orders);
  s.line = std::move(line);
  return s;
}

}  // namespace ravel::detector::explore
