// The one verdict over all runs, for people and as JUnit's XML.

#include <algorithm>
#include <cstdio>

#include "detector/report/formats/xml.hpp"
#include "tools/ravel/command.hpp"
#include "tools/test/result.hpp"

namespace ravel::tools {

using detector::report::xml_attribute;
using detector::report::xml_text;

namespace {

bool contains(const std::vector<std::string>& known, const std::string& fingerprint) {
  return std::find(known.begin(), known.end(), fingerprint) != known.end();
}

std::size_t count_new(const run_result& r, const std::vector<std::string>& known) {
  return static_cast<std::size_t>(std::count_if(r.findings.begin(), r.findings.end(), [&](const found& f) { return !contains(known, f.fingerprint); }));
}

// The test's own: everything that Ravel is not the one to find.
bool is_own(const found& f) { return f.kind == "assertion" || f.kind == "failure" || f.kind == "timeout"; }

std::string plural(std::size_t n, const char* what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

}  // namespace

int print_verdict(const test_results& r, const std::vector<std::string>& known) {
  std::size_t failed = 0, fresh = 0, old = 0, cases = 0;
  bool findings = false;
  std::uint64_t last = ~std::uint64_t{0};
  for (const run_result& run : r.runs) {
    cases += run.index != last;
    last = run.index;
    const std::size_t n = count_new(run, known);
    old += run.findings.size() - n;
    fresh += n;
    if (n == 0) continue;
    ++failed;
    std::printf("--- FAIL: %s (%s)\n", run.name.c_str(), run.mode.c_str());
    for (const found& f : run.findings) {
      if (contains(known, f.fingerprint)) continue;
      findings = findings || !is_own(f);
      std::printf("    %s  %s: %s\n", f.fingerprint.c_str(), f.kind.c_str(), f.title.c_str());
      if (!f.replay.empty()) std::printf("    replay: %s\n", f.replay.c_str());
    }
    std::printf("%s\n", run.output.c_str());
  }
  std::string shard = r.shards > 1 ? " (shard " + std::to_string(r.shard) + " of " + std::to_string(r.shards) + ")" : "";
  std::string verdict = plural(cases, "test") + ", " + plural(r.runs.size(), "run") + shard + ": ";
  verdict += failed == 0 ? "passed" : plural(failed, "run") + " failed, " + plural(fresh, "new finding");
  if (old != 0) verdict += ", " + plural(old, "finding") + " of the baseline";
  std::printf("ravel test: %s; seed %llu\n", verdict.c_str(), static_cast<unsigned long long>(r.seed));
  return failed == 0 ? 0 : findings ? 66 : 1;
}

void write_junit(const std::string& file, const test_results& r, const std::vector<std::string>& known) {
  std::size_t failed = 0;
  std::string cases;
  for (const run_result& run : r.runs) {
    const std::size_t dot = run.name.find('.');
    const bool grouped = dot != std::string::npos && run.name.find('/') != 0 && run.name[0] != '.';
    cases += "    <testcase classname=\"" + xml_attribute(grouped ? run.name.substr(0, dot) : "command") + "\" name=\"" +
             xml_attribute((grouped ? run.name.substr(dot + 1) : run.name) + " (" + run.mode + ")") + "\">\n";
    failed += count_new(run, known) != 0;
    for (const found& f : run.findings) {
      if (contains(known, f.fingerprint)) continue;
      cases += "      <failure type=\"" + xml_attribute(f.kind) + "\" message=\"" + xml_attribute(f.title) + "\">" + xml_text(run.output) + "</failure>\n";
    }
    cases += "    </testcase>\n";
  }
  const std::string counts = "tests=\"" + std::to_string(r.runs.size()) + "\" failures=\"" + std::to_string(failed) + "\" errors=\"0\"";
  write_whole(file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ravel test\" " + counts + ">\n  <testsuite name=\"" + xml_attribute(r.program) +
                        "\" " + counts + ">\n" + cases + "  </testsuite>\n</testsuites>\n");
}

}  // namespace ravel::tools
