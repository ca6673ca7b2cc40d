#pragma once
#include <string>
#include <vector>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

// Which two places raced, either way round, or which condition was met where: equal for two findings a reader would call the same.
std::string key_of(const finding& f);

// What a finding is known by from run to run, in SARIF and in baselines: 16 hexadecimal digits. Made of its headline without numbers and, of each
// goroutine's stack, in any order, the function and the file's last name of the frame that is the user's own: lines may move, goroutines and
// addresses be others, the folder another.
std::string fingerprint_of(const finding& f);
std::string fingerprint_of(const std::string& headline, const std::vector<stack>& stacks);  // read back from words
std::string fingerprint_of_words(const std::string& text);                                // of what is no finding, whole
std::string without_numbers(std::string text);

}  // namespace ravel::detector::report
