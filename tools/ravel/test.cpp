// ravel test: each case of a program in a process of its own: plain, in parallel mode, and under many schedules where it is a RAVEL_TEST.
//
// The verdict depends on the program and the seed alone: results are kept in the order of the cases, whichever process ended first, and a
// shard takes every n-th case of the whole list.

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "tools/ravel/options.hpp"
#include "tools/test/cases.hpp"
#include "tools/test/collected_report.hpp"
#include "tools/test/findings.hpp"
#include "tools/test/process.hpp"
#include "tools/test/result.hpp"
#include "tools/test/shard.hpp"

namespace ravel::tools {

namespace {

struct wishes {
  std::string plain, baseline, write_baseline, output, junit, report, shard, schedules, strategy, network;
  std::uint64_t seed = 1;
  unsigned jobs = 1, parallel = 1, timeout = 600;
  bool fail_fast = false;
};

wishes take_wishes(words& arguments) {
  wishes w;
  w.jobs = static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  take_options(arguments, rows_of("test"), [&](const std::string& name, const std::string& value) {
    if (name == "--schedules") number_of(name, value, 1, 1'000'000'000), w.schedules = value;
    else if (name == "--strategy") w.strategy = value;
    else if (name == "--network") w.network = value;
    else if (name == "--seed") w.seed = number_of(name, value, 0, 999'999'999'999'999'999);
    else if (name == "--plain") w.plain = value;
    else if (name == "--parallel") w.parallel = static_cast<unsigned>(number_of(name, value, 0, 100'000));
    else if (name == "--jobs") w.jobs = static_cast<unsigned>(number_of(name, value, 1, 4096));
    else if (name == "--timeout") w.timeout = static_cast<unsigned>(number_of(name, value, 1, 1'000'000));
    else if (name == "--shard") w.shard = value;
    else if (name == "--baseline") w.baseline = value;
    else if (name == "--write-baseline") w.write_baseline = value;
    else if (name == "--output") w.output = value;
    else if (name == "--junit") w.junit = value;
    else if (name == "--report") w.report = value;
    else if (name == "--fail-fast") w.fail_fast = true;
  });
  return w;
}

// One process to come.
struct planned {
  std::size_t index;  // of the case
  std::string mode;
};

class test_run {
 public:
  test_run(const wishes& w, const words& command_line, const test_cases& cases, shard s) : w_(w), command_(command_line), cases_(cases) {
    if (!w.report.empty()) report_.emplace(w.report, command_line[0]);
    for (std::size_t i = s.index; i < cases.names.size(); i += s.of) {
      if (!w.plain.empty()) plan_.push_back({i, "plain"});
      // Which of GoogleTest's cases are RAVEL_TESTs nobody knows before; the others say that they ran in parallel mode.
      if (cases.google_test) plan_.push_back({i, "schedules"});
      for (unsigned n = 0; n < w.parallel; ++n) plan_.push_back({i, "parallel"});
    }
    runs_.resize(plan_.size());
    ran_.resize(plan_.size());
  }

  std::vector<run_result> run(const std::vector<std::string>& known) {
    process_pool(w_.jobs, w_.timeout).run(
        [&](job& j, std::size_t& name) {
          if (next_ >= plan_.size() || next_ >= stop_before_) return false;
          name = next_++;
          j = job_of(name);
          return true;
        },
        [&](std::size_t name, ended&& how) { take(name, std::move(how), known); });
    if (report_) report_->finish();
    std::vector<run_result> kept;
    for (std::size_t i = 0; i < runs_.size() && i < stop_before_; ++i) {
      if (ran_[i]) kept.push_back(std::move(runs_[i]));
    }
    return without_repeats(std::move(kept));
  }

 private:
  job job_of(std::size_t name) const {
    const planned& p = plan_[name];
    job j{command_, {}};
    if (p.mode == "plain") j.command_line[0] = w_.plain;
    if (cases_.google_test) {
      j.command_line.push_back("--gtest_filter=" + cases_.names[p.index]);
      j.command_line.push_back("--gtest_color=no");
    }
    // RAVEL_SCHEDULES=0 makes a RAVEL_TEST an ordinary test.
    j.environment.emplace_back("RAVEL_SCHEDULES", p.mode == "schedules" ? w_.schedules : "0");
    if (!w_.strategy.empty()) j.environment.emplace_back("RAVEL_STRATEGY", w_.strategy);
    if (!w_.network.empty()) j.environment.emplace_back("RAVEL_NETWORK", w_.network);
    j.environment.emplace_back("RAVEL_SEED", std::to_string(w_.seed));
    j.environment.emplace_back("NO_COLOR", "1");
    // The report is read from the output, so it has to be there in words; the last word of an option counts.
    const char* own = std::getenv("RAVEL_OPTIONS");
    const std::string part = report_ ? report_->begin(name) : "", quote = part.find('\'') == std::string::npos ? "'" : "\"";
    const std::string collected = report_ ? " report=" + quote + part + quote : "";
    j.environment.emplace_back("RAVEL_OPTIONS", std::string(own == nullptr ? "" : own) + collected + " log_format=text log_path=stderr color=never print_summary=1");
    return j;
  }

  void take(std::size_t name, ended&& how, const std::vector<std::string>& known) {
    const planned& p = plan_[name];
    run_result& r = runs_[name];
    r.index = p.index;
    r.name = cases_.names[p.index];
    r.mode = p.mode;
    r.status = how.status;
    // <ravel/gtest.hpp> says of each exploration that it was one.
    if (p.mode == "schedules" && how.output.find("\n[ SCHEDULES] ") == std::string::npos && how.output.find("\nreplay:   ") == std::string::npos) r.mode = "parallel";
    r.findings = findings_in(how.output, r.name, how.status);
    if (!r.findings.empty()) r.output = std::move(how.output);
    ran_[name] = true;
    const bool fresh = std::any_of(r.findings.begin(), r.findings.end(), [&](const found& f) { return std::find(known.begin(), known.end(), f.fingerprint) == known.end(); });
    // The first failure in the order of the plan, whichever was met first: those before it still run to their ends.
    if (fresh && w_.fail_fast) stop_before_ = std::min(stop_before_, name + 1);
    if (report_) report_->done(name, stop_before_);
  }

  // A case that is no RAVEL_TEST has run in parallel mode once more than asked for; the findings of all its runs are those of one.
  static std::vector<run_result> without_repeats(std::vector<run_result> runs) {
    std::vector<run_result> out;
    for (run_result& r : runs) {
      if (!out.empty() && out.back().index == r.index && out.back().mode == r.mode) {
        run_result& before = out.back();
        for (found& f : r.findings) {
          if (std::none_of(before.findings.begin(), before.findings.end(), [&](const found& g) { return g.fingerprint == f.fingerprint; })) {
            before.findings.push_back(std::move(f));
          }
        }
        if (before.status == 0) before.status = r.status;
        if (before.output.empty()) before.output = std::move(r.output);
      } else {
        out.push_back(std::move(r));
      }
    }
    return out;
  }

  const wishes& w_;
  const words& command_;
  const test_cases& cases_;
  std::optional<collected_report> report_;
  std::vector<planned> plan_;
  std::vector<run_result> runs_;
  std::vector<bool> ran_;
  std::size_t next_ = 0, stop_before_ = ~std::size_t{0};
};

}  // namespace

int run_test(const words& given) {
  words rest = given;
  const wishes w = take_wishes(rest);
  for (const char* of_other_commands : {"RAVEL_REPLAY", "RAVEL_EXPLORE", "RAVEL_STEP"}) ::unsetenv(of_other_commands);
  if (rest.empty()) throw refused("which program? ravel test [--schedules N] ./bank_test");
  const shard s = take_shard(w.shard);
  std::vector<std::string> known;
  if (!w.baseline.empty()) known = read_baseline(w.baseline);
  const test_cases cases = cases_of(rest);
  if (cases.names.empty()) throw refused(rest[0] + ": no test in it matches; look at --gtest_filter and --gtest_list_tests");

  test_results r;
  r.program = rest[0];
  r.seed = w.seed;
  r.cases = cases.names.size();
  r.shard = s.index;
  r.shards = s.of;
  r.runs = test_run(w, rest, cases, s).run(known);

  if (!w.output.empty()) write_results(w.output, r);
  if (!w.write_baseline.empty()) write_baseline(w.write_baseline, r);
  const char* bazel = std::getenv("XML_OUTPUT_FILE");
  if (const std::string junit = !w.junit.empty() ? w.junit : bazel != nullptr ? bazel : ""; !junit.empty()) write_junit(junit, r, known);
  return print_verdict(r, known);
}

}  // namespace ravel::tools
