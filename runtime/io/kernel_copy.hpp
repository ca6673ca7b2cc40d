#pragma once
// Copies that the kernel makes, from file to socket, without the bytes coming here. io knows no sockets: net says how.

#include <atomic>
#include <cstdint>
#include <system_error>

#include "runtime/include/ravel/io.hpp"
#include "runtime/include/ravel/sync.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace io::detail {

// Copies up to `most` bytes. False: these two are not for the kernel, and nothing has been copied.
using kernel_copier = bool (*)(writer& to, reader& from, std::uint64_t most, std::uint64_t& copied, std::error_code& error);
extern constinit std::atomic<kernel_copier> copies_in_kernel;  // null: nobody

// The number of an open file, which stays the file's until the call is over. The position is the file's: reading at it is guarded by `reading`.
struct file_access {
  template <class F>
  static void use(const file& f, std::error_code& error, F&& call) {
    mutex* reading = nullptr;
    const int number = begin(f, reading, error);
    if (error) return;
    struct end_of_use {
      const file& f;
      ~end_of_use() { end(f); }
    } at_the_end{f};
    call(number, *reading);
  }

 private:
  static int begin(const file& f, mutex*& reading, std::error_code& error);
  static void end(const file& f);
};

}  // namespace io::detail
} }
