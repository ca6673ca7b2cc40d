#pragma once
// A finding as plain data. The race and check rooms fill it in, the printers are pure functions of it.
// Nothing here computes; nothing here refers to live detector state, so a report may be kept and printed later.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ravel::detector::report {

struct frame {
  std::string function;
  std::string file;
  std::uint32_t line = 0;    // 0: unknown
  std::uint32_t column = 0;  // 0: unknown
  std::string module;        // for frames without source: path of the binary
  std::uint64_t offset = 0;  // and the offset in it
};

using stack = std::vector<frame>;  // innermost first

enum class access_kind : std::uint8_t { read, write, atomic_read, atomic_write, free, channel_send, channel_close, wait_group_add, wait_group_wait };

struct held_lock {
  std::uint64_t address = 0;
  bool shared = false;
  std::string kind;  // "mutex", "rw_mutex"
  stack acquired_at;
};

struct goroutine {
  std::uint64_t id = 0;
  std::string name;                      // "" when not given
  bool running = false;                  // still alive when the report was made
  std::uint64_t created_by = 0;          // id of the creator, 0: main or an adopted thread
  stack created_at;                      // empty for main
};

struct access {
  access_kind kind = access_kind::read;
  std::uint64_t address = 0;
  std::uint32_t size = 0;
  std::string variable;  // "balance", "account.balance", "" when unknown
  goroutine by;
  stack at;
  std::vector<held_lock> locks;
};

enum class location_kind : std::uint8_t { unknown, heap, global, stack, channel, wait_group };

struct location {
  location_kind kind = location_kind::unknown;
  std::uint64_t start = 0;
  std::uint64_t size = 0;    // 0: unknown
  std::uint64_t offset = 0;  // of the current access in the block
  std::string name;          // global: its name
  std::uint64_t goroutine_id = 0;  // heap: who allocated it; stack: whose stack it is
  stack allocated_at;        // heap
  std::string file;          // global: where it is defined, "" when unknown
  std::uint32_t line = 0;
};

// What the goroutine of the present access last heard of the other one: done by that one, before the previous access.
struct known_order {
  std::string did;  // "unlocked a mutex"; "" when it heard nothing, or it is no longer known what
  stack at;
};

struct race {
  access current;
  access previous;
  location where;
  std::string why_unordered;   // one sentence for a tired person
  known_order last_known = {};
};

// The last three only of explored schedules.
enum class finding_kind : std::uint8_t { race, deadlock, leak, lock_order, channel_misuse, sync_misuse, panic, assertion, livelock };

// A channel, lock or the like that a misuse is about.
struct sync_object {
  std::string what;     // "channel of 3 elements, 1 of them waiting"
  std::uint64_t address = 0;
  location where;       // unknown for what only its address is known of
  std::string holder;   // "goroutine 7 holds it", "" when nobody does
};

// One goroutine's part in a misuse.
struct party {
  goroutine who;
  std::string doing;    // "waits for the mutex at 0x...", continues the goroutine's title
  stack at;
  std::vector<held_lock> locks;
  std::vector<std::uint64_t> waits_for = {};  // addresses of objects
};

// What is wrong apart from races: detector/check. `id` is a row of its table of conditions.
struct misuse {
  std::string id;
  std::string title;    // "lock taken twice by one goroutine"
  std::vector<party> parties;
  std::vector<sync_object> objects;
  std::string why;      // one or more sentences for a tired person
  bool advice = false;  // against a habit, not against a rule: printed, but neither counted nor a reason to end with `exitcode`
};

// One thing that happened in a controlled schedule. Goroutines and objects are numbered from 1, as people see them; 0: none.
struct schedule_step {
  enum class type : std::uint8_t {
    step,     // `goroutine` does `operation`
    created,  // `goroutine` by `other`
    woken,    // `goroutine` by `other`; by itself: by time
    choice,   // `goroutine` is given `value` of `of` possibilities
  };
  type is = type::step;
  std::uint64_t goroutine = 0;
  std::uint64_t other = 0;
  std::string operation;               // "mutex_lock", "chan_send", ...
  std::vector<std::uint32_t> objects;  // several of a select
  bool writes = false;                 // does not commute with what others do to the objects
  std::uint32_t value = 0;             // choice; step: how many goroutines could have gone on
  std::uint32_t of = 0;
  bool asker_blocked = false;          // who took the step before cannot take its next one yet
  bool asker_ended = false;            // or has ended
  std::int64_t length = -1;            // elements in the channel before the step; -1: no channel
  bool closed = false;                 // the channel, before the step
  frame at;
};

struct schedule_object {
  std::string kind;                    // "channel", "mutex", ...
  std::uint64_t address = 0;
  std::uint64_t capacity = 0;          // channel
};

// What a controlled run did, in order; empty where the program ran in parallel.
struct schedule {
  std::string replay;                  // the line that repeats it
  std::vector<goroutine> goroutines;   // [i] has number i + 1 in the steps; its id is the one in stacks and findings
  std::vector<schedule_object> objects;
  std::uint64_t left_out = 0;          // steps before the first, of a very long schedule
  std::vector<schedule_step> steps;
  std::uint64_t current_at = 0;        // race: the steps, counted from 1, within which the two accesses lie; 0: unknown
  std::uint64_t previous_at = 0;
};

// A race is reported while the program goes on; `number` counts from 1.
struct finding {
  std::uint64_t number = 0;
  finding_kind kind = finding_kind::race;
  race data_race;       // of a race
  misuse wrong;         // of any other kind
  std::string program;  // path of the binary, for the next command
  std::string arguments;  // that make it run the test in which this was found, "" where it is no test
  schedule happened;    // of a controlled run
};

// What an exploration as a whole saw.
struct exploration {
  struct point { std::uint64_t schedules = 0, distinct = 0; };
  std::string program;
  std::string strategy;
  std::string verdict;
  std::uint64_t schedules = 0, distinct = 0, failures = 0;
  bool complete = false;
  std::vector<point> progress;  // ascending; few
};

// A file of reports: what one or more processes have appended to it.
struct report_file {
  std::vector<std::string> programs;   // that wrote into it
  std::vector<finding> findings;
  std::vector<exploration> explorations;
  std::string note;                    // about the file itself, for stderr: "" or one sentence
};

}  // namespace ravel::detector::report
