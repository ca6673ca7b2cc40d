// Runs every program in every build, interleaved, and prints one Markdown table: medians of CPU time and peak memory, and what checking costs
// as a ratio to the plain build of the same tool.
//
// CPU time of user and kernel, not wall time: other load on the machine disturbs it least. All builds of a program must print the same
// number, else a figure would be of another computation.
//
//   measure <repeats> <directory of <program>.<build>> <program>...

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct tool { const char* name; const char* plain; const char* checked; };
constexpr tool tools[] = {{"ravel", "ravel", "race"}, {"clang tsan", "clang", "tsan"}, {"go", "go", "gorace"}};
constexpr int tool_count = 3;

struct cost { std::vector<double> milliseconds, megabytes; };
struct row { std::string program; cost of[tool_count][2]; std::string output; };

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "measure: %s\n", what.c_str());
  std::exit(2);
}

bool exists(const std::string& file) { return ::access(file.c_str(), X_OK) == 0; }

void run(const std::string& file, cost& c, std::string& output) {
  int out[2];
  if (::pipe(out) != 0) fail("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(out[1], 1);
    ::close(out[0]);
    ::close(out[1]);
    ::execl(file.c_str(), file.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(out[1]);
  std::string text;
  char buffer[256];
  for (ssize_t n; (n = ::read(out[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  ::close(out[0]);
  int status = 0;
  rusage u{};
  if (::wait4(child, &status, 0, &u) != child) fail("lost " + file);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail(file + " ended with status " + std::to_string(status));
  if (output.empty()) output = text;
  if (text != output) fail(file + " printed " + text + "where another build printed " + output);
  const auto ms = [](const timeval& t) { return t.tv_sec * 1e3 + t.tv_usec / 1e3; };
  c.milliseconds.push_back(ms(u.ru_utime) + ms(u.ru_stime));
  c.megabytes.push_back(u.ru_maxrss / 1024.0);
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v.empty() ? 0 : v[v.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) fail("usage: measure <repeats> <directory> <program>...");
  const int repeats = std::atoi(argv[1]);
  const std::string directory = argv[2];
  std::vector<row> rows;
  for (int i = 3; i < argc; ++i) rows.push_back({argv[i], {}, {}});
  for (int n = 0; n < repeats; ++n) {
    for (row& r : rows) {
      for (int t = 0; t < tool_count; ++t) {
        const std::string base = directory + "/" + r.program + ".";
        if (!exists(base + tools[t].plain) || !exists(base + tools[t].checked)) continue;
        run(base + tools[t].plain, r.of[t][0], r.output);
        run(base + tools[t].checked, r.of[t][1], r.output);
      }
    }
  }

  std::printf("| program |");
  for (const tool& t : tools) std::printf(" %s: ms plain | checked | time | MB plain | checked | memory |", t.name);
  std::printf("\n|---|");
  for (int t = 0; t < tool_count; ++t) std::printf("--:|--:|--:|--:|--:|--:|");
  std::printf("\n");
  double log_time[tool_count] = {}, log_memory[tool_count] = {};
  int measured[tool_count] = {};
  for (const row& r : rows) {
    std::printf("| %s |", r.program.c_str());
    for (int t = 0; t < tool_count; ++t) {
      const double ms[2] = {median(r.of[t][0].milliseconds), median(r.of[t][1].milliseconds)};
      const double mb[2] = {median(r.of[t][0].megabytes), median(r.of[t][1].megabytes)};
      if (ms[0] == 0) {
        std::printf(" - | - | - | - | - | - |");
        continue;
      }
      std::printf(" %.0f | %.0f | **%.2f** | %.0f | %.0f | **%.2f** |", ms[0], ms[1], ms[1] / ms[0], mb[0], mb[1], mb[1] / mb[0]);
      log_time[t] += std::log(ms[1] / ms[0]);
      log_memory[t] += std::log(mb[1] / mb[0]);
      ++measured[t];
    }
    std::printf("\n");
  }
  std::printf("| **geometric mean** |");
  for (int t = 0; t < tool_count; ++t) {
    if (measured[t] == 0) std::printf(" | | - | | | - |");
    else std::printf(" | | **%.2f** | | | **%.2f** |", std::exp(log_time[t] / measured[t]), std::exp(log_memory[t] / measured[t]));
  }
  std::printf("\n");
}
