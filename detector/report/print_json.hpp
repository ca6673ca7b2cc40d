#pragma once
#include <string>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

// The finding as one line of JSON; README.md here describes the fields. "ravel_report" is the version of the schema.
std::string print_json(const finding& f);

const char* kind_name(finding_kind k);  // "data_race", "deadlock", "leak", "lock_order", "channel_misuse", "sync_misuse"

}  // namespace ravel::detector::report
