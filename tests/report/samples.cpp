#include "tests/report/samples.hpp"

namespace ravel::test {

using namespace detector::report;

frame in_bank(const char* function, std::uint32_t line, std::uint32_t column) {
  return {function, RAVEL_SOURCE_DIR "/tests/report/sources/bank.cpp", line, column, "", 0};
}
frame in_library(const char* function, std::uint32_t line) { return {function, "/nowhere/include/c++/12/bits/stl_vector.h", line, 3, "", 0}; }
frame without_source(const char* function, const char* module, std::uint64_t offset) { return {function, "", 0, 0, module, offset}; }

goroutine main_goroutine() { return {1, "", true, 0, {}}; }
goroutine child_goroutine() { return {7, "", true, 1, {in_bank("main()", 10, 3)}}; }

finding bank_race() {
  finding f;
  f.number = 1;
  f.program = "./bank";
  race& r = f.data_race;
  r.current = {access_kind::write, 0x7f0012345678, 4, "a.balance", child_goroutine(), {in_bank("deposit(account&, int)", 5, 13), in_bank("main::{lambda#1}()", 10, 19)}, {}};
  r.previous = {access_kind::read, 0x7f0012345678, 4, "a.balance", main_goroutine(), {in_bank("deposit(account&, int)", 5, 13), in_bank("main()", 11, 3)}, {}};
  r.where = {location_kind::heap, 0x7f0012345670, 16, 8, "", 1, {in_bank("main()", 9, 5)}, "", 0};
  r.why_unordered = "goroutine 7 last synchronised with goroutine 1 (main) when it was created by it at bank.cpp:10; nothing since orders the two.";
  return f;
}

}  // namespace ravel::test
