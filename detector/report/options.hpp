#pragma once
#include <string>
#include <string_view>

namespace ravel::detector::report {

// The values of RAVEL_OPTIONS: the table in options.def.
struct options {
  using flag = bool;
  using number = int;
  using text = std::string;
#define RAVEL_OPTION(type, name, standard, sentence) type name = standard;
#include "detector/report/options.def"
#undef RAVEL_OPTION
};

// Reads `settings` ("name=value", separated by spaces or colons) over `values`. Returns "" or, in one sentence, what is wrong with them.
std::string parse_options(std::string_view settings, options& values);

// Every option with its value and meaning, a line each.
std::string describe_options(const options& values);

// The options of this process. load_options reads the environment variable RAVEL_OPTIONS, once, before main; a mistake in it ends the process with one
// line and status 2, help=1 prints the table and ends it with 0.
void load_options(const char* settings);
const options& current_options();

}  // namespace ravel::detector::report
