#pragma once
// A command's options off the front of its arguments, by its rows.

#include <functional>
#include <span>
#include <string>

#include "tools/ravel/command.hpp"

namespace ravel::tools {

std::span<const option_row> rows_of(const std::string& command);

// Takes "--name VALUE", "--name=VALUE" and switches that stand before the first other word; tells `given` of each. "--" ends them. Throws
// refused for an option without a row, naming those there are.
void take_options(words& arguments, std::span<const option_row> rows, const std::function<void(const std::string& name, const std::string& value)>& given);

// Between the two, both included; throws refused.
unsigned long number_of(const std::string& name, const std::string& value, unsigned long least, unsigned long most);

}  // namespace ravel::tools
