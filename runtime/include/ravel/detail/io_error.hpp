#pragma once
#include <system_error>

#include "config.hpp"

RAVEL_NAMESPACE_BEGIN
namespace io {

// What reading and writing may fail with besides the system's own errors.
enum class errc {
  closed = 1,         // "use of closed network connection": this end was closed; equivalent to std::errc::bad_file_descriptor
  deadline_exceeded,  // "i/o timeout"; equivalent to std::errc::timed_out
  unexpected_end,     // the end came in the middle of something: Go's io.ErrUnexpectedEOF
  closed_pipe,        // write to a pipe whose reader is closed, or any use of one's own closed end; equivalent to std::errc::broken_pipe
  short_write,        // a writer took less than it was given, without saying why
};

const std::error_category& category() noexcept;  // "ravel.io"
inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

}  // namespace io
RAVEL_NAMESPACE_END

template <>
struct std::is_error_code_enum<ravel::io::errc> : std::true_type {};
