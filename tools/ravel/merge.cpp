// ravel merge: the results of shards as if one `ravel test` had run them all, with the same verdict and exit status.

#include <cstdio>
#include <fstream>
#include <utility>

#include "detector/explore/shard_file.hpp"
#include "tools/ravel/options.hpp"
#include "tools/test/result.hpp"

namespace ravel::tools {

namespace {

namespace explore = detector::explore;

bool is_of_explore(const std::string& file) {
  std::ifstream in(file);
  std::string first;
  return std::getline(in, first) && explore::is_shard_file(first);
}

// As a single `ravel explore` would have said it.
int merge_explorations(const words& files) {
  try {
    std::vector<explore::shard_results> parts;
    for (const std::string& f : files) {
      std::ifstream in(f);
      if (!in) throw refused(f + ": cannot be read; give a file that `ravel explore --output` wrote");
      parts.push_back(explore::read_shard(in, f));
    }
    const std::string program = parts[0].program;
    const explore::whole_exploration w = explore::join(std::move(parts), files);
    if (w.first) {
      const auto& f = *w.first;
      std::printf("%s: %s\n\n%s\n", f.kind.c_str(), f.message.c_str(), f.report.c_str());
      if (!f.schedule.empty()) std::printf("schedule: %s\nreplay:   ravel replay '%s' %s\n\n", f.schedule.c_str(), f.schedule.c_str(), program.c_str());
    }
    std::printf("%s\n", w.verdict.c_str());
    return w.first ? 66 : 0;
  } catch (const explore::unreadable_shard& e) {
    throw refused(e.what());
  }
}

}  // namespace

int run_merge(const words& given) {
  words files = given;
  std::string baseline, to_baseline, output, junit;
  take_options(files, rows_of("merge"), [&](const std::string& name, const std::string& value) {
    if (name == "--baseline") baseline = value;
    else if (name == "--write-baseline") to_baseline = value;
    else if (name == "--output") output = value;
    else if (name == "--junit") junit = value;
  });
  if (files.empty()) throw refused("which files? ravel merge shard0.jsonl shard1.jsonl");
  if (is_of_explore(files[0])) {
    if (!baseline.empty() || !to_baseline.empty() || !output.empty() || !junit.empty()) throw refused("the shards of a ravel explore are joined without options");
    return merge_explorations(files);
  }
  std::vector<std::string> known;
  if (!baseline.empty()) known = read_baseline(baseline);
  std::vector<test_results> parts;
  for (const std::string& f : files) parts.push_back(read_results(f));
  const test_results whole = merge(std::move(parts), files);
  if (!output.empty()) write_results(output, whole);
  if (!to_baseline.empty()) write_baseline(to_baseline, whole);
  if (!junit.empty()) write_junit(junit, whole, known);
  return print_verdict(whole, known);
}

}  // namespace ravel::tools
