// A whole program under schedules: main, in a process of its own for each. `ravel explore` and `ravel replay` set the environment that is read
// here: RAVEL_EXPLORE=1 with RAVEL_SCHEDULES, RAVEL_STRATEGY, RAVEL_SEED, RAVEL_NETWORK, RAVEL_JOBS, RAVEL_SHARD with RAVEL_SHARDS, RAVEL_OUTPUT (a file); or RAVEL_REPLAY with a line, unless the program has
// RAVEL_TESTs, which read it themselves, or with the file of a recording. RAVEL_STEP=1 lets a replay run in this very process, for a debugger.
// RAVEL_LOG=1 with RAVEL_REPLAY writes each operation to stderr.

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "detector/explore/own_process.hpp"
#include "detector/explore/recorded.hpp"
#include "detector/explore/replay.hpp"
#include "detector/explore/run.hpp"

namespace ravel::detector::explore {

namespace {

constexpr int status_found = 66, status_bad_use = 2, status_diverged = 75;
constexpr std::size_t stack_of_main = std::size_t{8} << 20;  // as the system gives it

const char* setting(const char* name) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != '\0' ? text : nullptr;
}

std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const char* text = setting(name);
  if (text == nullptr) return otherwise;
  char* end = nullptr;
  errno = 0;
  const unsigned long long n = std::strtoull(text, &end, 10);
  if (errno != 0 || *end != '\0' || *text == '-') throw std::invalid_argument(std::string(name) + " must be a number, not '" + text + "'");
  return n;
}

int (*program)();

// The program ends when main returns, whoever is still running, as always.
void run_main(void*) { std::exit(program()); }
void run_main_here(void*) { program(); }
void run_main_as_recorded(void*) {
  const int status = program();
  after_main();
  std::exit(status);
}
void run_main_as_recorded_here(void*) {
  program();
  after_main();
}

bool is_line(std::string_view replay) { return replay.starts_with("r1:") || replay.starts_with("r2:"); }

// The record is of the very program: what it does is known by its place in the order.
record::recording recording_of_this_program(const std::string& path) {
  record::recording r = record::read_recording(path);
  if (r.program_hash != record::hash_of_this_program() && setting("RAVEL_OTHER_BUILD") == nullptr) {
    throw std::invalid_argument(path + ": was recorded of another program or build, " + r.program + "; replay the one that was recorded, or try this one with --other-build");
  }
  return r;
}

void tell(const api::result& r) {
  for (const api::failure& f : r.failures) {
    std::fprintf(stderr, "%s: %s\n\n%s\n", api::name_of(f.kind), f.message.c_str(), f.report.c_str());
    if (!f.schedule.empty()) std::fprintf(stderr, "schedule: %s\nreplay:   ravel replay '%s' %s\n\n", f.schedule.c_str(), f.schedule.c_str(), ::program_invocation_name);
  }
  std::fprintf(stderr, "%s\n", r.verdict.c_str());
}

void write_shard(const char* file, const shard_results& r) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << print(r);
  out.flush();
  if (!out) throw std::invalid_argument(std::string(file) + ": cannot be written; give the path of a file in a folder that exists");
}

// Its threads would be missing in the copies.
void refuse_threads() {
  if (!can_be_copied()) throw std::logic_error("ravel: the program has started threads or goroutines before main: it cannot be run under schedules");
}

int explore_program(int (*main)()) {
  program = main;
  try {
    refuse_threads();
    api::options o;
    o.schedules = number("RAVEL_SCHEDULES", o.schedules);
    o.seed = number("RAVEL_SEED", o.seed);
    o.leaks = false;
    if (const char* s = setting("RAVEL_STRATEGY")) o.strategy = s;
    if (const char* s = setting("RAVEL_NETWORK")) o.network = s;
    if (const char* s = setting("RAVEL_POINTS")) o.points = s;
    o.time_limit = static_cast<double>(number("RAVEL_TIME_LIMIT", 0));
    shard_results of_shard;
    of_shard.program = ::program_invocation_name;
    of_shard.strategy = o.strategy;
    of_shard.seed = o.seed;
    of_shard.schedules = o.schedules;
    const char* file = setting("RAVEL_OUTPUT");
    surroundings s{true, ::isatty(2) == 1, stack_of_main};
    s.jobs = static_cast<unsigned>(number("RAVEL_JOBS", 1));
    s.results = file == nullptr ? nullptr : &of_shard;
    const api::result r = run_exploration({run_main, nullptr}, o, s);
    tell(r);
    if (file != nullptr) write_shard(file, of_shard);
    return r.ok() ? 0 : status_found;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return status_bad_use;
  }
}

int replay_program(int (*main)()) {
  program = main;
  try {
    refuse_threads();
    let_output_through();
    const bool here = setting("RAVEL_STEP") != nullptr;
    if (!is_line(setting("RAVEL_REPLAY"))) {
      const record::recording r = recording_of_this_program(setting("RAVEL_REPLAY"));
      const repeated again = repeat(r, here ? run_main_as_recorded_here : run_main_as_recorded, stack_of_main, !here);
      tell(again.result);
      switch (again.how) {
        case repeated::outcome::reproduced:
        case repeated::outcome::other: return status_found;
        case repeated::outcome::clean: return 0;
        case repeated::outcome::not_reproduced:
        case repeated::outcome::diverged: return status_diverged;
      }
    }
    const api::result r = run_replay({here ? run_main_here : run_main, nullptr}, setting("RAVEL_REPLAY"), {!here, false, stack_of_main});
    tell(r);
    return r.ok() ? status_diverged : status_found;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return status_bad_use;
  }
}

// Before the program's constructors: those of RAVEL_TESTs take it back.
[[gnu::constructor(101)]] void look_at_environment() {
  if (setting("RAVEL_EXPLORE") != nullptr) hooks::runs_program = explore_program;
  else if (setting("RAVEL_REPLAY") != nullptr) hooks::runs_program = replay_program;
}

}  // namespace

}  // namespace ravel::detector::explore

namespace ravel { inline namespace v1_race {
namespace explore::detail {

void tests_replay_themselves() {
  const char* replay = std::getenv("RAVEL_REPLAY");
  const bool of_main = replay != nullptr && *replay != '\0' && !detector::explore::is_line(replay);
  if (std::getenv("RAVEL_EXPLORE") == nullptr && !of_main) hooks::runs_program = nullptr;
}

}  // namespace explore::detail
} }
