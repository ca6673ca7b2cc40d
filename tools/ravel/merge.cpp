// ravel merge: the results of shards as if one `ravel test` had run them all, with the same verdict and exit status.

#include "tools/ravel/options.hpp"
#include "tools/test/result.hpp"

namespace ravel::tools {

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
