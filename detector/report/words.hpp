#pragma once
// The words that all printers use for the same thing, and the names of kinds in files.

#include <string>
#include <string_view>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

// Names in JSON, and back; nothing when there is no such kind.
const char* name_of(finding_kind k);   // "data_race", "deadlock", ...
const char* name_of(access_kind k);    // "read", "channel_send", ...
const char* name_of(location_kind k);  // "heap", ...
const char* name_of(schedule_step::type t);
std::optional<finding_kind> finding_kind_of(std::string_view name);
std::optional<access_kind> access_kind_of(std::string_view name);
std::optional<location_kind> location_kind_of(std::string_view name);
std::optional<schedule_step::type> step_type_of(std::string_view name);

// For people.
std::string hex(std::uint64_t n);              // 12 digits at least
std::string bytes(std::uint64_t n);            // "1 byte", "4 bytes"
std::string words_of(finding_kind k);          // "data race", "leaked goroutine"
std::string words_of(const access& a);         // "write of 4 bytes at 0x7f0012345678"
const char* headline_of(finding_kind k);       // "DATA RACE", "LEAKED GOROUTINE"
std::string headline_of(const finding& f);     // what a report in words begins with: "DEADLOCK: lock taken twice by one goroutine [C24]"
std::string title_of(const goroutine& g);      // "goroutine 7 (worker)"
std::string rule_of(const finding& f);         // what it is an instance of: "data_race", or the id of a check, "C24"
std::string title_of(const finding& f);        // one line: "data race on a.balance", "deadlock: lock taken twice by one goroutine"
std::string message_of(const finding& f);      // two or three sentences: who, where, why
std::string place_of(const frame& f);          // "bank.cpp:10", the file's last name only

// The frame that a finding is shown at: of the present access, or of the first goroutine that has one. Null: there is none.
const frame* place_of(const finding& f);

}  // namespace ravel::detector::report
