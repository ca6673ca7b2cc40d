#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "tools/ravel/command.hpp"
#include "tools/test/result.hpp"

namespace ravel::tools {

namespace {

using json = nlohmann::ordered_json;
constexpr int version = 1;

std::string line_of(const json& o) { return o.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"; }

run_result run_of(const json& o) {
  run_result r{o.at("case"), o.at("name"), o.at("mode"), o.at("status"), {}, o.at("output")};
  for (const json& f : o.at("findings")) r.findings.push_back({f.at("fingerprint"), f.at("kind"), f.at("title"), f.at("replay")});
  return r;
}

}  // namespace

void write_whole(const std::string& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  out.flush();
  if (!out) throw refused(file + ": cannot be written; give the path of a file in a folder that exists");
}

void write_results(const std::string& file, const test_results& r) {
  std::string text = line_of({{"ravel_test", version}, {"program", r.program}, {"seed", r.seed}, {"cases", r.cases}, {"shard", r.shard}, {"shards", r.shards}});
  for (const run_result& run : r.runs) {
    json findings = json::array();
    for (const found& f : run.findings) findings.push_back({{"fingerprint", f.fingerprint}, {"kind", f.kind}, {"title", f.title}, {"replay", f.replay}});
    text += line_of({{"case", run.index}, {"name", run.name}, {"mode", run.mode}, {"status", run.status}, {"findings", findings}, {"output", run.output}});
  }
  text += line_of({{"runs", r.runs.size()}});  // a file without it was cut off
  write_whole(file, text);
}

test_results read_results(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw refused(file + ": cannot be read; give a file that `ravel test --output` wrote");
  test_results r;
  bool whole = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const std::string where = file + ":" + std::to_string(number) + ": ";
    try {
      const json o = json::parse(line);
      if (number == 1) {
        if (o.at("ravel_test") != version) throw refused(where + "version " + o.at("ravel_test").dump() + " of the results, this is a ravel for version 1: use one ravel for all shards");
        r.program = o.at("program"), r.seed = o.at("seed"), r.cases = o.at("cases"), r.shard = o.at("shard"), r.shards = o.at("shards");
      } else if (o.contains("runs")) {
        whole = o.at("runs") == r.runs.size();
      } else {
        r.runs.push_back(run_of(o));
      }
    } catch (const json::exception&) {
      throw refused(where + "no line of `ravel test --output`; run that shard again");
    }
  }
  if (!whole) throw refused(file + ":" + std::to_string(number) + ": the file ends too early; run that shard again");
  return r;
}

test_results merge(std::vector<test_results> parts, const std::vector<std::string>& files) {
  std::vector<std::string> from(parts.empty() ? 0 : parts[0].shards);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const test_results &p = parts[i], &first = parts[0];
    if (p.shards != first.shards || p.cases != first.cases || p.seed != first.seed) {
      throw refused(files[i] + ": of another test than " + files[0] + " (shards, cases or seed differ); give the files of one test");
    }
    if (p.shard >= p.shards) throw refused(files[i] + ": shard " + std::to_string(p.shard) + " of " + std::to_string(p.shards) + " is none; shards count from 0");
    std::string& has = from[p.shard];
    if (!has.empty()) throw refused(files[i] + ": shard " + std::to_string(p.shard) + " again, after " + has + "; give each once");
    has = files[i];
  }
  for (std::size_t s = 0; s < from.size(); ++s) {
    if (from[s].empty()) throw refused("shard " + std::to_string(s) + " of " + std::to_string(from.size()) + " is missing; give its file too, or run it again");
  }
  // All runs of a case are in one shard.
  std::map<std::uint64_t, std::vector<run_result>> by_case;
  for (test_results& p : parts) {
    for (run_result& r : p.runs) by_case[r.index].push_back(std::move(r));
  }
  test_results whole = std::move(parts[0]);
  whole.runs.clear();
  for (auto& [index, runs] : by_case) {
    for (run_result& r : runs) whole.runs.push_back(std::move(r));
  }
  whole.shard = 0;
  whole.shards = 1;
  return whole;
}

std::vector<std::string> read_baseline(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw refused(file + ": cannot be read; make it with --write-baseline");
  std::vector<std::string> known;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const std::string fingerprint = line.substr(0, line.find(' '));
    if (fingerprint.size() != 16 || fingerprint.find_first_not_of("0123456789abcdef") != std::string::npos) {
      throw refused(file + ":" + std::to_string(number) + ": '" + fingerprint + "' is no fingerprint of 16 digits; make the file with --write-baseline");
    }
    known.push_back(fingerprint);
  }
  return known;
}

void write_baseline(const std::string& file, const test_results& r) {
  std::string text = "# Findings that ravel test --baseline does not count: fingerprint, then words for people.\n";
  std::vector<std::string> lines;
  for (const run_result& run : r.runs) {
    for (const found& f : run.findings) lines.push_back(f.fingerprint + " " + f.kind + " in " + run.name + ": " + f.title + "\n");
  }
  std::sort(lines.begin(), lines.end());
  // One finding met in several tests or modes is one line.
  lines.erase(std::unique(lines.begin(), lines.end(), [](const std::string& a, const std::string& b) { return a.compare(0, 16, b, 0, 16) == 0; }), lines.end());
  for (const std::string& l : lines) text += l;
  write_whole(file, text);
}

}  // namespace ravel::tools
