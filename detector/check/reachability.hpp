#pragma once
// What the goroutines that can still run could get at: a conservative mark over memory, as Boehm and Weiser's collector does it (Software
// Practice and Experience 18, 1988). A word that looks like a pointer into a block reaches all of the block. So what is not reached is
// certainly out of reach, and what is reached may not be: a check that reports only what is out of reach has no false alarms.
//
// Only while no goroutine runs.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ravel::detector {

class reachability {
 public:
  // A goroutine that does not run: its stack is reached as a whole when something points into it, and lives when told so.
  // Below `inner` are only frames of the scheduler, at which nobody points who means one of the goroutine's variables.
  struct stack { std::uintptr_t low, inner, high; bool reached; };

  explicit reachability(std::vector<stack> stacks);

  void add_roots();                                             // globals, thread-local variables, memory the program has mapped
  void add_memory(std::uintptr_t low, std::uintptr_t high);     // [low, high) is in use by somebody who can run
  void follow();                                                // everything that is reached from what was added

  // Whether somebody who can run has a pointer to the block, the stack or the variable that `address` lies in.
  bool reaches(std::uintptr_t address) const;

  bool complete() const { return complete_; }                   // false: there is memory that cannot be looked at; nothing may be said

 private:
  struct range { std::uintptr_t low, high; };
  struct block { std::uintptr_t start, size; bool reached; };

  void find_mappings();
  void find_blocks();
  void add_thread_locals(std::uintptr_t thread, std::size_t below, std::size_t above);
  void read(range r);
  void reach(std::uintptr_t address, std::uintptr_t found_at);
  block* block_at(std::uintptr_t address);
  const range* mapping_at(std::uintptr_t address) const;
  bool is_mallocs(range r) const;
  bool in_stack_memory(std::uintptr_t address) const;

  std::vector<stack> stacks_;        // by address
  std::vector<range> mappings_;      // readable and writable memory, by address
  std::vector<range> guarded_;       // those that an inaccessible mapping lies right before: stacks of threads
  std::vector<range> unnamed_;       // those that are no file's
  std::vector<range> stack_memory_;  // of goroutines
  std::vector<block> blocks_;        // of malloc, by address
  std::vector<range> to_read_;
  range c_library_{0, 0};            // its variables, malloc's bins among them
  bool complete_ = true;
};

}  // namespace ravel::detector
