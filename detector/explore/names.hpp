#pragma once
// Names of goroutines and steps that survive edits of the program: by the function they are in and how often it was so before, never by
// line, address or number of a step.
//
// A goroutine is named by who started it, by the function it runs, and by how many such its parent has started before. A step is named by its
// kind, by the first function on its stack that is the program's, and by how many such the goroutine has taken before. Numbers of lambdas are
// left out, since they change when one is added.
//
// Orders need a better name for a step, which others in the same function do not disturb: its operation. That is its kind, the object, which
// is named by where it was made, and how many such the goroutine has taken before. Objects on a stack are made in a function; which of its
// variables one is, atomics know; others of one function are told apart by the function that uses them.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "detector/report/report.hpp"
#include "runtime/hooks/controlled.hpp"

namespace ravel::detector::explore {

inline constexpr std::uint32_t label_mask = 0x7FFF;  // three letters in a line

struct goroutine_name {
  std::uint32_t label = 0;     // of all that its parent starts with this function
  std::uint32_t nth = 0;
  bool operator==(const goroutine_name&) const = default;
};

struct step_name {
  std::uint32_t label = 0;     // kind and function
  std::uint32_t nth = 0;
  bool operator==(const step_name&) const = default;
};

// Of the schedule that is being run.
class namings {
 public:
  void clear();
  void created(const hooks::controlled_goroutine& child, std::uint32_t number, std::uint32_t parent);
  void announced(std::uint32_t who, const hooks::step& s);         // its pending step; the goroutine runs, its stack can be walked
  const goroutine_name& of(std::uint32_t who) const { return all_[who].name; }
  const step_name& pending(std::uint32_t who) const { return all_[who].pending; }
  // Equal for what is the same object in two schedules, where they can be told: blocks of the heap lie elsewhere each time, stacks do not. In
  // processes of their own all lie where they were.
  std::uint64_t identity(const void* object) const;
  void with_operations(bool yes) { operations_ = yes; }            // they cost a look at the memory of each object; before the first step
  const step_name& operation(std::uint32_t who) const { return all_[who].operation; }
  std::string function_of_pending(std::uint32_t who) const;
  std::uintptr_t place_of_pending(std::uint32_t who) const { return all_[who].place; }  // a return address in the program; 0: none
  std::uint32_t find(const goroutine_name& n) const;               // its number, or none
  static constexpr std::uint32_t none = 0xFFFFFFFF;

 private:
  struct known {
    goroutine_name name;
    step_name pending, operation;
    std::uintptr_t place = 0;
    std::unordered_map<std::uint32_t, std::uint32_t> steps, operations, children;   // how many of each label
  };
  step_name operation_of(known& g, const hooks::step& s);
  std::vector<known> all_;
  std::unordered_map<const void*, std::uint64_t> objects_;   // of this schedule: addresses are used again
  bool operations_ = false;
};

// The first frame from `frame` up that is neither Ravel's nor the standard library's: a return address in it; 0 when there is none.
std::uintptr_t own_place(std::uintptr_t frame, std::uintptr_t stack_low, std::uintptr_t stack_high);

// The function there, without arguments, template arguments and numbers of lambdas.
const std::string& function_at(std::uintptr_t return_address);

// The source line there, of the innermost function that is the program's.
report::frame source_of(std::uintptr_t return_address);

}  // namespace ravel::detector::explore
