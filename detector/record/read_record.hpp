#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "detector/record/record_file.hpp"
#include "runtime/hooks/controlled.hpp"

namespace ravel::detector::record {

struct resumption {
  std::uint64_t operation;  // how many the goroutine had done
  std::uint64_t stamp;
};

struct recorded_goroutine {
  std::uint64_t id = 0;
  std::uint64_t parent = 0;              // 0: main, or started by a timer
  std::uint32_t nth = 0;                 // of its parent's children, or of those that timers started
  bool by_timer = false;
  std::vector<hooks::op> what;           // each operation, with
  std::vector<std::uint8_t> outcome;
  std::vector<std::uint64_t> stamp;      // ascending
  std::vector<resumption> resumed;       // ascending
  std::vector<std::pair<std::uint64_t, std::uint64_t>> looks;  // before which operation, ascending, how many loads that found nothing new
};

struct recording {
  std::string program;
  std::uint64_t program_hash = 0;
  bool ended = false, threads = false, out_of_space = false;
  std::vector<noted_finding> noted;      // the first few
  std::uint64_t findings = 0;
  std::uint64_t operations = 0;          // of all goroutines
  std::uint64_t main_returned = 0;       // its stamp; 0: it did not
  std::vector<recorded_goroutine> goroutines;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<std::uint64_t>> fired;  // stamps, by who started the timer and when
};

// Throws std::invalid_argument with one line that names the file, what is wrong with it and what to do.
recording read_recording(const std::string& path);

}  // namespace ravel::detector::record
