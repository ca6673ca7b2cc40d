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

finding two_locks_deadlock() {
  finding f;
  f.number = 2;
  f.kind = finding_kind::deadlock;
  f.program = "./bank";
  f.wrong.id = "C2";
  f.wrong.title = "goroutines wait for each other's locks";
  const held_lock first{0x7f0000001000, false, "mutex", {in_bank("main()", 9, 3)}}, second{0x7f0000002000, false, "mutex", {in_bank("main::{lambda#1}()", 10, 19)}};
  f.wrong.parties = {{main_goroutine(), "waits for the mutex at 0x7f0000002000, which is held by goroutine 7", {in_bank("main()", 11, 3)}, {first}},
                     {child_goroutine(), "waits for the mutex at 0x7f0000001000, which is held by goroutine 1 (main)", {in_bank("main::{lambda#1}()", 10, 19)}, {second}}};
  f.wrong.objects = {{"mutex", 0x7f0000001000, {}, "goroutine 1 (main) holds it"}, {"mutex", 0x7f0000002000, {}, "goroutine 7 holds it"}};
  f.wrong.why = "each of them waits for a lock that the other holds, so none goes on.";
  return f;
}

namespace {

schedule_step done(std::uint64_t who, const char* operation, std::vector<std::uint32_t> objects, std::uint32_t line) {
  schedule_step s;
  s.goroutine = who;
  s.operation = operation;
  s.objects = std::move(objects);
  s.writes = !s.objects.empty();
  s.value = 1;
  if (line != 0) s.at = in_bank("main()", line, 0);
  return s;
}

schedule_step between(schedule_step::type t, std::uint64_t who, std::uint64_t other) {
  schedule_step s;
  s.is = t;
  s.goroutine = who;
  s.other = other;
  return s;
}

// The second step of main blocks it until goroutine 2 has received.
schedule short_schedule() {
  schedule h;
  h.replay = "r1:r:aEu@dca>aEu1";
  h.goroutines = {main_goroutine(), {2, "teller", true, 1, {in_bank("main()", 10, 3)}}};
  h.objects = {{"mutex", 0x7f0000001000, 0}, {"channel", 0x7f0000003000, 1}};
  h.steps = {done(1, "begin", {}, 0), done(1, "mutex_lock", {1}, 9), done(1, "spawn", {}, 10), between(schedule_step::type::created, 2, 1),
             done(1, "chan_send", {2}, 10), done(2, "begin", {}, 0), done(2, "chan_receive", {2}, 10), done(1, "mutex_unlock", {1}, 11),
             between(schedule_step::type::woken, 2, 1), done(2, "mutex_lock", {1}, 10)};
  h.steps[4].length = 0;
  h.steps[6].length = 1;
  h.steps[9].asker_blocked = true;
  schedule_step choice = between(schedule_step::type::choice, 2, 0);
  choice.value = 1;
  choice.of = 2;
  h.steps.push_back(choice);
  return h;
}

}  // namespace

finding explored_race() {
  finding f = bank_race();
  f.number = 3;
  f.data_race.current.by = {2, "teller", true, 1, {in_bank("main()", 10, 3)}};
  f.data_race.current.variable = "total";
  f.data_race.current.at[0].line = f.data_race.previous.at[0].line = 6;
  f.happened = short_schedule();
  f.happened.current_at = 10;
  f.happened.previous_at = 8;
  return f;
}

finding explored_deadlock() {
  finding f = two_locks_deadlock();
  f.number = 4;
  f.wrong.id.clear();
  f.wrong.title = "all goroutines are asleep";
  f.happened = short_schedule();
  return f;
}

exploration small_exploration() {
  exploration e;
  e.program = "./bank";
  e.strategy = "portfolio";
  e.verdict = "found race in schedule 10; sampled: 10 schedules, 3 distinct; sequential consistency";
  e.schedules = 10;
  e.distinct = 3;
  e.failures = 1;
  e.progress = {{1, 1}, {2, 2}, {5, 2}, {10, 3}};
  return e;
}

}  // namespace ravel::test
