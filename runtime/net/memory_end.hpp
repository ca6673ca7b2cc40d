#pragma once
// An end of a connection that is no socket: of a pipe, or of the network that controlled runs simulate. Private to net/.
// As with conn, any goroutine may call anything at any time, and the destructor closes.

#include <system_error>

#include "runtime/include/ravel/io.hpp"
#include "runtime/include/ravel/time.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace net::detail {

struct memory_end {
  virtual ~memory_end() = default;
  virtual std::size_t read(io::bytes to, std::error_code& error) = 0;
  virtual std::size_t write(io::const_bytes from, std::error_code& error) = 0;
  virtual void close(std::error_code& error) = 0;
  virtual void close_write(std::error_code& error) = 0;
  virtual void set_read_deadline(clock::time_point t, std::error_code& error) = 0;
  virtual void set_write_deadline(clock::time_point t, std::error_code& error) = 0;
  virtual bool is_readable() = 0;
};

}  // namespace net::detail
} }
