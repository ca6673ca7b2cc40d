#include "instrument/vet/check.hpp"

namespace ravel::vet {

#define RAVEL_CHECK_ROW(function, name, ids, sentence) void function(const facts& f, const report& add);
#include "instrument/vet/checks.def"
#undef RAVEL_CHECK_ROW

namespace {
#define RAVEL_CHECK_ROW(function, name, ids, sentence) {name, ids, sentence, function},
constexpr check checks[] = {
#include "instrument/vet/checks.def"
};
#undef RAVEL_CHECK_ROW
}  // namespace

std::span<const check> all_checks() { return checks; }

}  // namespace ravel::vet
