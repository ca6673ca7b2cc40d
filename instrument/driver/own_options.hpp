#pragma once
// What ravel++ adds to clang++'s command line, one row each: its help, man page and shell completion are printed from them.

namespace ravel::driver {

struct own_option {
  const char* name;
  const char* sentence;
};

inline constexpr own_option own_options[] = {
    {"-race", "build for the race detector: give it when compiling and when linking"},
    {"-std=...", "c++20 when not given"},
    {"-g...", "full debug information under -race when not given: reports are made of it"},
};

inline constexpr own_option own_environment[] = {
    {"RAVEL_CXX", "the clang++ 19 to run"},
    {"RAVEL_OPTIONS", "read by the program that is built: RAVEL_OPTIONS=help=1 ./program lists its options"},
};

}  // namespace ravel::driver
