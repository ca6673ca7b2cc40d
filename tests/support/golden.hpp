#pragma once

#include <string>

namespace ravel::test {

// `text` is what tests/golden/NAME holds. RAVEL_UPDATE_GOLDEN=1 writes the file instead; what changed is then for `git diff` to show.
void expect_golden(const std::string& name, const std::string& text);

}  // namespace ravel::test
