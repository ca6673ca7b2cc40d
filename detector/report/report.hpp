#pragma once
// A finding as plain data. The race room fills it in, the printers (text, JSON) are pure functions of it.
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

struct race {
  access current;
  access previous;
  location where;
  std::string why_unordered;   // one sentence for a tired person
};

enum class finding_kind : std::uint8_t { race, deadlock, leak, lock_order, channel_misuse, sync_misuse };

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
};

// What is wrong apart from races: detector/check. `id` is a row of its table of conditions.
struct misuse {
  std::string id;
  std::string title;    // "lock taken twice by one goroutine"
  std::vector<party> parties;
  std::vector<sync_object> objects;
  std::string why;      // one or more sentences for a tired person
};

// A race is reported while the program goes on; `number` counts from 1.
struct finding {
  std::uint64_t number = 0;
  finding_kind kind = finding_kind::race;
  race data_race;       // of a race
  misuse wrong;         // of any other kind
  std::string program;  // path of the binary, for the next command
};

}  // namespace ravel::detector::report
