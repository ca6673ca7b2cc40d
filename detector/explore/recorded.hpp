#pragma once
// Repeats under a controlled schedule what a program did in parallel, up to the first race (detector/record).

#include <cstdint>
#include <string>

#include "detector/explore/engine.hpp"
#include "detector/record/read_record.hpp"

namespace ravel::detector::explore {

struct repeated {
  enum class outcome : std::uint8_t {
    reproduced,      // what was found then is found again
    other,           // something is found, but not what was found then
    clean,           // nothing was found then, and nothing is now
    not_reproduced,
    diverged,
  } how = outcome::not_reproduced;
  api::result result;
};

// `main` is what is run as the body; it calls after_main where main has returned.
repeated repeat(const record::recording& r, void (*main)(void*), std::size_t first_stack, bool own_process);
void after_main();

}  // namespace ravel::detector::explore
