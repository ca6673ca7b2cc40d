#pragma once
// The program's variables with static storage, as they were before the first schedule: which of them the body changes, so that a schedule begins
// otherwise than the one before it, and, where that is wanted, what they were put back.
//
// They are those that the executable's symbol table names, without Ravel's own, GoogleTest's and those of the C++ library and Boost. A variable
// that held memory of the heap is never put back: that memory may have been freed or changed since. Nor is one that a function initialises when it
// is first called, since that would register its destructor once more. Thread-local variables are not among them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ravel::detector::explore {

class globals {
 public:
  explicit globals(bool to_be_put_back);  // as they are now
  static bool are_known();                // the program has a symbol table
  void first_schedule_is_over();          // what a function has initialised by now counts from here
  void put_back();                        // between schedules
  std::vector<std::string> changed() const;          // by name, in the order of their addresses; as they are now

 private:
  struct state {
    bool initialised = false;             // by its function, since the constructor
    bool held_heap = false;
  };
  bool is_changed(std::size_t variable) const;
  bool is_initialised_since(std::size_t variable) const;
  bool held_heap(std::size_t variable) const;
  std::vector<char> before_;              // of all variables, one after the other
  std::vector<state> states_;
};

}  // namespace ravel::detector::explore
