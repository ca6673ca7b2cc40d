#pragma once
#include "instrument/pass/access.hpp"
#include "instrument/pass/check_builder.hpp"

namespace ravel::instrument {

// Puts the inline check of ravel_abi.h before the access: straight code compares the shadow tag, a cold block calls the detector.
void lower_access(const access& a, check_builder& check);
void lower_fields(const access_group& group, check_builder& check);

}  // namespace ravel::instrument
