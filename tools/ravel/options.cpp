#include "tools/ravel/options.hpp"

namespace ravel::tools {

std::span<const option_row> rows_of(const std::string& command) {
  for (const auto& c : all_commands()) {
    if (c.name == command) return c.options;
  }
  return {};
}

void take_options(words& arguments, std::span<const option_row> rows, const std::function<void(const std::string&, const std::string&)>& given) {
  std::size_t at = 0;
  for (; at < arguments.size() && arguments[at].size() > 1 && arguments[at][0] == '-'; ++at) {
    if (arguments[at] == "--") {
      ++at;
      break;
    }
    const std::size_t equals = arguments[at].find('=');
    const std::string name = arguments[at].substr(0, equals);
    const option_row* row = nullptr;
    std::string all;
    for (const option_row& r : rows) {
      all += std::string(all.empty() ? "" : ", ") + r.name;
      if (name == r.name) row = &r;
    }
    if (row == nullptr) throw refused("unknown option " + name + "; there are " + all);
    if (*row->value == '\0') {
      if (equals != std::string::npos) throw refused(name + " takes no value");
      given(name, "");
    } else if (equals != std::string::npos) {
      given(name, arguments[at].substr(equals + 1));
    } else {
      if (at + 1 == arguments.size()) throw refused(name + " needs a value");
      given(name, arguments[++at]);
    }
  }
  arguments.erase(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(at));
}

unsigned long number_of(const std::string& name, const std::string& value, unsigned long least, unsigned long most) {
  if (!value.empty() && value.size() < 19 && value.find_first_not_of("0123456789") == std::string::npos) {
    const unsigned long n = std::stoul(value);
    if (n >= least && n <= most) return n;
  }
  throw refused(name + " must be a number from " + std::to_string(least) + " to " + std::to_string(most) + ", not '" + value + "'");
}

}  // namespace ravel::tools
