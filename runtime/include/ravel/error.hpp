#pragma once
#include <stdexcept>

#include "detail/config.hpp"

RAVEL_NAMESPACE_BEGIN

// Misuse by the program, in Go's words: "send on closed channel", "close of closed channel", "close of nil channel", "sync: negative
// WaitGroup counter". May be caught; one that leaves a goroutine ends the process with status 2.
class panic_error : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

RAVEL_NAMESPACE_END
