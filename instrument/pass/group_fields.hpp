#pragma once
#include "instrument/pass/access_finder.hpp"

namespace ravel::instrument {

// Moves checks by call into groups that one call makes: an object's fields, each with its own site. Call after choose_forms.
void group_fields(found_accesses& found);

}  // namespace ravel::instrument
