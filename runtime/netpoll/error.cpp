#include "runtime/include/ravel/detail/io_error.hpp"

#include <string>

namespace ravel { inline namespace RAVEL_VARIANT {
namespace io {

namespace {

class io_category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "ravel.io"; }
  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::closed: return "use of closed network connection";
      case errc::deadline_exceeded: return "i/o timeout";
      case errc::unexpected_end: return "unexpected EOF";
      case errc::closed_pipe: return "io: read/write on closed pipe";
      case errc::short_write: return "short write";
    }
    return "unknown error";
  }
  std::error_condition default_error_condition(int value) const noexcept override {
    switch (static_cast<errc>(value)) {
      case errc::closed: return std::errc::bad_file_descriptor;
      case errc::deadline_exceeded: return std::errc::timed_out;
      case errc::closed_pipe: return std::errc::broken_pipe;
      case errc::unexpected_end:
      case errc::short_write: break;
    }
    return {value, *this};
  }
};

}  // namespace

const std::error_category& category() noexcept {
  static constinit io_category the_category;
  return the_category;
}

}  // namespace io
} }
