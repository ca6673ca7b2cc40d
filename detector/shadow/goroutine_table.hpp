#pragma once
// What reports need of goroutines, also after they are gone: id, name, where and by whom created.
// Thread-safety: all functions from any thread.
//
// A record lives while the goroutine does, and then while a history or a heap block names it: the collector marks those. One that ended
// before a collection began and was not marked in it is free.

#include <cstddef>
#include <cstdint>

#include "detector/shadow/access_record.hpp"

namespace ravel::detector {

struct goroutine_record {
  std::uint64_t id;
  std::uint64_t parent_id;     // 0: main or an adopted thread
  stack_id created_at;
  std::uint32_t finished_in;   // collections before it ended, + 1; 0: it has not
  bool finished;
  char name[23];               // cut when longer
  chain_id chain;              // in use as long as the record lives
};
static_assert(sizeof(goroutine_record) == 56);

class goroutine_table {
 public:
  static void reserve();
  static goroutine_index add(std::uint64_t id, std::uint64_t parent_id, stack_id created_at, const char* name, chain_id chain);
  static void finish(goroutine_index i, std::uint32_t collection);
  static goroutine_record& at(goroutine_index i);

  // For the collector alone. `began`: collections before this one.
  static void mark(goroutine_index i, std::uint8_t epoch);
  static void sweep(std::uint8_t epoch, std::uint32_t began);
};

}  // namespace ravel::detector
