#include "detector/explore/shard_file.hpp"

#include <algorithm>
#include <istream>
#include <nlohmann/json.hpp>

#include "detector/explore/estimate.hpp"
#include "detector/explore/verdict.hpp"

namespace ravel::detector::explore {

namespace {

using json = nlohmann::ordered_json;
constexpr int version = 1;

std::string line_of(const json& o) { return o.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"; }

void check_they_belong_together(const std::vector<shard_results>& parts, const std::vector<std::string>& files) {
  std::vector<std::string> from(parts.at(0).shards);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const shard_results &p = parts[i], &first = parts[0];
    if (p.shards != first.shards || p.strategy != first.strategy || p.seed != first.seed || p.schedules != first.schedules) {
      throw unreadable_shard(files[i] + ": of another exploration than " + files[0] + " (shards, strategy, seed or schedules differ); give the files of one");
    }
    if (p.shard >= p.shards) throw unreadable_shard(files[i] + ": shard " + std::to_string(p.shard) + " of " + std::to_string(p.shards) + " is none; shards count from 0");
    std::string& has = from[p.shard];
    if (!has.empty()) throw unreadable_shard(files[i] + ": shard " + std::to_string(p.shard) + " again, after " + has + "; give each once");
    has = files[i];
  }
  const auto missing = std::find(from.begin(), from.end(), "");
  if (missing != from.end()) {
    throw unreadable_shard("shard " + std::to_string(missing - from.begin()) + " of " + std::to_string(from.size()) + " is missing; give its file too, or run it again");
  }
}

}  // namespace

std::string print(const shard_results& r) {
  std::string text = line_of({{"ravel_explore", version}, {"program", r.program}, {"strategy", r.strategy}, {"seed", r.seed}, {"schedules", r.schedules},
                              {"max_steps", r.max_steps}, {"shard", r.shard}, {"shards", r.shards}, {"samples", r.samples}, {"all", r.all}, {"cut", r.cut},
                              {"verdict", r.verdict}});
  for (const shard_results::one& o : r.ran) {
    json line{{"schedule", o.number}, {"class", o.fingerprint}};
    if (o.walk) line["walk"] = *o.walk;
    text += line_of(line);
  }
  for (const shard_results::failure& f : r.failures) {
    text += line_of({{"failed", f.number}, {"kind", f.kind}, {"message", f.message}, {"line", f.schedule}, {"report", f.report}});
  }
  return text + line_of({{"ran", r.ran.size()}});  // a file without it was cut off
}

bool is_shard_file(const std::string& first_line) { return first_line.starts_with("{\"ravel_explore\""); }

shard_results read_shard(std::istream& in, const std::string& file) {
  shard_results r;
  bool whole = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    const std::string where = file + ":" + std::to_string(++number) + ": ";
    try {
      const json o = json::parse(line);
      if (number == 1) {
        if (o.at("ravel_explore") != version) {
          throw unreadable_shard(where + "version " + o.at("ravel_explore").dump() + " of the results, this is a ravel for version 1: use one ravel for all shards");
        }
        r.program = o.at("program"), r.strategy = o.at("strategy"), r.seed = o.at("seed"), r.schedules = o.at("schedules"), r.max_steps = o.at("max_steps");
        r.shard = o.at("shard"), r.shards = o.at("shards"), r.samples = o.at("samples"), r.all = o.at("all"), r.cut = o.at("cut"), r.verdict = o.at("verdict");
      } else if (o.contains("ran")) {
        whole = o.at("ran") == r.ran.size();
      } else if (o.contains("failed")) {
        r.failures.push_back({o.at("failed"), o.at("kind"), o.at("message"), o.at("line"), o.at("report")});
      } else {
        r.ran.push_back({o.at("schedule"), o.at("class"), {}});
        if (o.contains("walk")) r.ran.back().walk = o.at("walk").get<double>();
      }
    } catch (const json::exception&) {
      throw unreadable_shard(where + "no line of `ravel explore --output`; run that shard again");
    }
  }
  if (!whole) throw unreadable_shard(file + ":" + std::to_string(number) + ": the file ends too early; run that shard again");
  return r;
}

whole_exploration join(std::vector<shard_results> parts, const std::vector<std::string>& files) {
  check_they_belong_together(parts, files);
  std::sort(parts.begin(), parts.end(), [](const shard_results& a, const shard_results& b) { return a.shard < b.shard; });
  whole_exploration w;
  for (const shard_results& p : parts) {
    for (const shard_results::failure& f : p.failures) {
      if (!w.first || f.number < w.first->number) w.first = f;
    }
  }
  if (!parts[0].samples) {
    w.verdict = parts[0].verdict;
    return w;
  }
  // Up to the first failure, where a single process would have stopped.
  std::vector<shard_results::one> ran;
  std::uint64_t cut = 0;
  std::string not_all;
  for (const shard_results& p : parts) {
    for (const shard_results::one& one : p.ran) {
      if (!w.first || one.number <= w.first->number) ran.push_back(one);
    }
    cut += p.cut;
    if (!p.all) not_all += (not_all.empty() ? ", not all of shard " : ", ") + std::to_string(p.shard);
  }
  std::sort(ran.begin(), ran.end(), [](const shard_results::one& a, const shard_results::one& b) { return a.number < b.number; });
  behaviours seen;
  estimate walks;
  for (const shard_results::one& one : ran) {
    seen.add(one.fingerprint);
    if (one.walk && walks.wants_more()) walks.add(*one.walk);
  }
  if (w.first) w.verdict = words_for_found(w.first->kind.c_str(), w.first->number + 1, 1);
  w.verdict += words_for(sampled{ran.size(), &seen, !w.first, walks.classes(seen.distinct()), cut, parts[0].max_steps}) + not_all + "; " + model;
  return w;
}

}  // namespace ravel::detector::explore
