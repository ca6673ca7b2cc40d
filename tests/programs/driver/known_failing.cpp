#include "tests/programs/driver/known_failing.hpp"

namespace programs {

namespace {

struct row {
  const char* topic;  // "chan" for both levels, "chan.O2" for one
  const char* name;
  const char* why;
};

constexpr row rows[] = {
    {"sync", "race_mutex_overwrite", "the runtime's own accesses to a ravel::mutex are not checked; a std::mutex made anew in use is reported"},
    {"select", "race_panic_arg_of_the_library", "libstdc++.so reads the string; only code that ravel++ compiled is seen"},
};

}  // namespace

const char* known_failing(const case_name& c) {
  for (const row& r : rows) {
    const std::string topic = r.topic;
    if (c.name == r.name && (c.topic == topic || c.topic.starts_with(topic + "."))) return r.why;
  }
  return nullptr;
}

}  // namespace programs
