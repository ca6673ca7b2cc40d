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

// A race is reported while the program goes on; `number` counts from 1.
struct finding {
  std::uint64_t number = 0;
  race data_race;
  std::string program;  // path of the binary, for the next command
};

}  // namespace ravel::detector::report
