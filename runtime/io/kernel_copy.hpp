#pragma once
#include "runtime/include/ravel/io.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace io {

// A writer that the kernel can copy files to.
struct kernel_copy_target {
  // The rest of the file. False: the kernel cannot, and nothing has been copied.
  virtual bool send_file(file& from, std::uint64_t& copied, std::error_code& error) = 0;

 protected:
  ~kernel_copy_target() = default;
};

}  // namespace io
} }
