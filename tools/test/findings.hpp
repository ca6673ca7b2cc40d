#pragma once
#include <string>
#include <vector>

#include "tools/test/result.hpp"

namespace ravel::tools {

// What a test program's output says went wrong, each finding once. `status` as in run_result: a failure that no text explains is one too.
std::vector<found> findings_in(const std::string& output, const std::string& test, int status);

}  // namespace ravel::tools
