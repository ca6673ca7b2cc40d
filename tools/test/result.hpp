#pragma once
// What `ravel test` found, as plain data: written to a file a shard, read and joined by `ravel merge`. No times in it, so that the same seed
// gives the same file.

#include <cstdint>
#include <string>
#include <vector>

namespace ravel::tools {

struct found {
  std::string fingerprint;  // 16 hexadecimal digits; survives moved lines and other addresses
  std::string kind;         // "data race", "deadlock", "assertion", "timeout", ...
  std::string title;        // one line
  std::string replay;       // command, "" where there is none
};

struct run_result {
  std::uint64_t index = 0;    // of the case among all cases of the program, whatever the shard
  std::string name;           // "Bank.counts_both", or the command
  std::string mode;           // "plain", "parallel", "schedules"
  int status = 0;             // exit status, or 128 + the signal; -1: ended by us, after the timeout
  std::vector<found> findings;
  std::string output;         // of a run that failed
};

struct test_results {
  std::string program;
  std::uint64_t seed = 1;
  std::uint64_t cases = 0;    // of all shards together
  std::uint32_t shard = 0, shards = 1;
  std::vector<run_result> runs;  // in the order of index
};

void write_whole(const std::string& file, const std::string& text);  // throws refused when it cannot

// One JSON object a line: the head, then a run a line. Throws refused with file, line and remedy.
void write_results(const std::string& file, const test_results& r);
test_results read_results(const std::string& file);

// Throws refused when they are not the shards of one test, or one of them is missing.
test_results merge(std::vector<test_results> parts, const std::vector<std::string>& files);

// JUnit's XML, as GoogleTest and CI services have it.
void write_junit(const std::string& file, const test_results& r, const std::vector<std::string>& known);

// A baseline: a fingerprint a line, then words for people; # begins a comment.
std::vector<std::string> read_baseline(const std::string& file);
void write_baseline(const std::string& file, const test_results& r);

// Prints what failed, the first first, and one line of verdict. Exit status 0, 1 or 66.
int print_verdict(const test_results& r, const std::vector<std::string>& known);

}  // namespace ravel::tools
