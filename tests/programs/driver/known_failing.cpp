#include "tests/programs/driver/known_failing.hpp"

namespace programs {

namespace {

struct row {
  const char* topic;  // "chan" for both levels, "chan.O2" for one
  const char* name;
  const char* why;
};

constexpr row rows[] = {
    {"select", "race_panic_arg_of_the_library", "libstdc++.so reads the string; only code that ravel++ compiled is seen"},
    {"avx2", "race_avx_gather", "the pass does not know the processor's own gather intrinsics"},
    {"avx2.O0", "race_avx_masked_store", "the pass does not know the processor's own masked stores; optimised they become LLVM's"},
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
