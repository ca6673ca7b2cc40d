// ravel COMMAND arguments: looks the command up and runs it.

#include <cstdio>
#include <cstring>
#include <exception>

#include "tools/ravel/command.hpp"

namespace ravel::tools {

namespace {

constexpr option_row test_options[] = {
    {"--schedules", "N", "schedules of each RAVEL_TEST (1000 when not given)"},
    {"--strategy", "S", "portfolio, random, pct:N, pos, surw, rf, bounded:N, round-robin, exhaustive or check-determinism"},
    {"--network", "FAULTS", "what the simulated network may do: refuse, reset, silence, short-reads, split-writes, delay, with commas between, or all"},
    {"--seed", "N", "the same seed makes the same choices (1 when not given)"},
    {"--parallel", "N", "how often each test runs in parallel mode (1 when not given)"},
    {"--plain", "PROGRAM", "the same tests built without -race, which are run too"},
    {"--jobs", "N", "processes at the same time (the machine's processors when not given)"},
    {"--shard", "I/N", "only every N-th test, beginning with the I-th, from 0; env:VARIABLE/N takes I from the environment"},
    {"--baseline", "FILE", "findings whose fingerprints are in it do not count"},
    {"--write-baseline", "FILE", "writes the fingerprints of all that was found"},
    {"--output", "FILE", "writes the results, for ravel merge"},
    {"--junit", "FILE", "writes the results as JUnit's XML"},
    {"--report", "FILE", "collects the findings whole, for ravel report"},
    {"--timeout", "SECONDS", "a process is ended after it (600 when not given)"},
    {"--fail-fast", "", "nothing after the first test that fails"},
};

constexpr option_row doctor_options[] = {
    {"--proc", "FOLDER", "where the kernel's settings are read (/proc when not given)"},
    {"--no-trial", "", "builds and runs nothing"},
};

constexpr option_row explore_options[] = {
    {"--schedules", "N", "how many schedules (1000 when not given)"},
    {"--strategy", "S", "as for ravel test"},
    {"--network", "FAULTS", "as for ravel test"},
    {"--points", "P", "sync (when not given), or accesses: others may go first before each access to memory too"},
    {"--time", "SECONDS", "no more schedules after it"},
    {"--jobs", "N", "schedules at the same time, with the same result for any N (the machine's processors when not given)"},
    {"--shard", "I/N", "only every N-th schedule, beginning with the I-th, from 0; env:VARIABLE/N takes I from the environment"},
    {"--output", "FILE", "writes the results, for ravel merge"},
    {"--seed", "N", "the same seed makes the same choices (1 when not given)"},
};

constexpr option_row replay_options[] = {
    {"--step", "", "in gdb: breakpoints are met in the schedule's order"},
    {"--other-build", "", "a recording of another build of the program is tried all the same"},
    {"--log", "", "each operation of the schedule to stderr, as it happens"},
};

constexpr option_row merge_options[] = {
    {"--baseline", "FILE", "findings whose fingerprints are in it do not count"},
    {"--write-baseline", "FILE", "writes the fingerprints of all that was found"},
    {"--output", "FILE", "writes the joined results"},
    {"--junit", "FILE", "writes the joined results as JUnit's XML"},
};

constexpr option_row report_options[] = {
    {"--format", "FORMAT", "text (when not given), json, sarif, junit, github, html, perfetto or shiviz"},
    {"--root", "DIR", "file names are printed relative to it"},
    {"--color", "WHEN", "always, never, or auto (when not given: on a terminal, unless NO_COLOR is set)"},
    {"-o", "OUT", "writes there instead of to standard output"},
};

constexpr option_row vet_options[] = {
    {"-p", "BUILD", "takes flags, and files where none are given, from BUILD/compile_commands.json; without it flags stand behind --"},
    {"--checks", "LIST", "only these: a,b; or all but these: -a,-b"},
    {"--list", "", "lists the checks"},
    {"--format", "FORMAT", "text (when not given), json or sarif"},
    {"--output", "FILE", "writes there instead of to standard output"},
    {"--fix", "", "changes the sources where a change cannot make a right program wrong"},
};

constexpr command commands[] = {
    {"completion", "bash|zsh|fish", "prints the shell's completion of ravel and ravel++", run_completion},
    {"doctor", "[OPTIONS]", "says what is wrong with this installation, shell or machine, and how to mend it", run_doctor, doctor_options},
    {"explore", "[OPTIONS] PROGRAM [-- ARGUMENTS]", "runs a whole program under many schedules, each in a process of its own", run_explore,
     explore_options},
    {"manual", "ravel|ravel++|ravel-options", "prints a man page", run_manual},
    {"merge", "[OPTIONS] FILES", "joins what the shards of a ravel test or ravel explore wrote, and gives the one verdict", run_merge, merge_options},
    {"replay", "[OPTIONS] LINE|FILE PROGRAM [-- ARGUMENTS]",
     "runs a program or its tests under the one schedule that a failure printed, or as RAVEL_OPTIONS=record=FILE recorded it", run_replay,
     replay_options},
    {"report", "[OPTIONS] FILE", "prints what RAVEL_OPTIONS=report=FILE has collected", run_report, report_options},
    {"test", "[OPTIONS] PROGRAM [ARGUMENTS]", "runs GoogleTest's tests, or any command: in parallel mode, and RAVEL_TESTs under many schedules", run_test, test_options},
    {"vet", "[OPTIONS] FILES [-- FLAGS]", "looks for misuse of goroutines, channels and locks without running the program", run_vet, vet_options},
};

constexpr exit_status_row statuses[] = {
    {0, "clean: nothing was found, or nothing that the baseline does not know"},
    {1, "the test's own failure: an assertion, a status of its own, a signal, a timeout; ravel doctor: something is wrong; ravel vet: it has findings"},
    {2, "a panic or fatal error of a program (deadlock, unlock of an unlocked mutex); bad use of a tool"},
    {66, "a race or another finding (exitcode of RAVEL_OPTIONS changes it for programs)"},
    {75, "ravel replay: the program no longer fails under the line, nor under schedules near it; what was recorded could not be repeated"},
};

void print_command(const command& c) {
  std::printf("  ravel %s %s\n      %s\n", c.name, c.arguments, c.sentence);
  for (const option_row& o : c.options) std::printf("        %s %s\n            %s\n", o.name, o.value, o.sentence);
}

int print_help(const char* about) {
  if (std::strcmp(about, "exit-status") == 0) {
    for (const exit_status_row& s : statuses) std::printf("%3d  %s\n", s.status, s.sentence);
    return 0;
  }
  if (*about == '\0') std::puts("usage: ravel COMMAND ...\n");
  bool known = *about == '\0';
  for (const command& c : commands) {
    if (*about != '\0' && std::strcmp(about, c.name) != 0) continue;
    known = true;
    print_command(c);
  }
  if (!known) {
    std::fprintf(stderr, "ravel help: there is no command '%s'; `ravel help` lists them\n", about);
    return 2;
  }
  if (*about == '\0') std::puts("\n`ravel help exit-status` explains exit statuses.");
  return 0;
}

int run(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  if (name == "help" || name == "--help" || name == "-h") return print_help(argc > 2 ? argv[2] : "");
  for (const command& c : commands) {
    if (name != c.name) continue;
    const bool asks = argc > 2 && (std::strcmp(argv[2], "--help") == 0 || std::strcmp(argv[2], "-h") == 0);
    if (asks && name != "vet") return print_help(c.name);  // ravel-vet lists its checks too
    try {
      return c.run(words(argv + 2, argv + argc));
    } catch (const std::exception& why) {
      std::fprintf(stderr, "ravel %s: %s\n", c.name, why.what());
      return 2;
    }
  }
  std::fprintf(stderr, "ravel: %s; `ravel help` lists them\n", name.empty() ? "a command is missing" : ("there is no command '" + name + "'").c_str());
  return 2;
}

}  // namespace

std::span<const command> all_commands() { return commands; }
std::span<const exit_status_row> exit_statuses() { return statuses; }

}  // namespace ravel::tools

int main(int argc, char** argv) { return ravel::tools::run(argc, argv); }
