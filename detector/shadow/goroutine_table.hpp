#pragma once
// What reports need of goroutines, also after they are gone: id, name, where and by whom created.
// Thread-safety: all functions from any thread. Records live as long as the process.

#include <cstddef>
#include <cstdint>

#include "detector/shadow/access_record.hpp"

namespace ravel::detector {

struct goroutine_record {
  std::uint64_t id;
  std::uint64_t parent_id;     // 0: main or an adopted thread
  stack_id created_at;
  bool finished;
  char name[27];               // cut when longer
};

class goroutine_table {
 public:
  static void reserve();
  static goroutine_index add(std::uint64_t id, std::uint64_t parent_id, stack_id created_at, const char* name);
  static goroutine_record& at(goroutine_index i);
};

}  // namespace ravel::detector
