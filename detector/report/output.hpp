#pragma once
#include <string>
#include <string_view>

namespace ravel::detector::report {

// Whole, however often the kernel takes only a part. False: an error, which errno tells; a program's own reports have nobody left to tell it to.
bool write_all(int descriptor, std::string_view text);

// The descriptor that log_path names; opened on first use. A file that cannot be created: one line on stderr, then stderr is used.
int report_descriptor(const std::string& log_path);

// A file for lines that several processes append to, each line by one write. -1: it cannot be written, and errno says why.
int open_to_append(const std::string& path);

}  // namespace ravel::detector::report
