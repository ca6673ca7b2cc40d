#pragma once
#include <string>
#include <string_view>

namespace ravel::detector::report {

// Any bytes as text that every parser of XML 1.0 takes: what is no character of its stands as U+FFFD.
std::string xml_text(std::string_view text);

// The same between the quotes of an attribute, where a newline would be read as a space.
std::string xml_attribute(std::string_view text);

}  // namespace ravel::detector::report
