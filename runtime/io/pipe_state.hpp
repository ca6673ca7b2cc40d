#pragma once
// One direction of a pipe, with deadlines: io::pipe is one, net::pipe two. Go net/pipe.go.
//
// Invariants: a writer offers what it has on `data`, one at a time (writing); the reader who takes it copies, and says on `taken` how much,
// which the writer awaits whatever else happens. So `from` is read only while its owner waits. The channels make the edges.

#include "runtime/include/ravel/chan.hpp"
#include "runtime/include/ravel/io.hpp"
#include "runtime/include/ravel/sync.hpp"
#include "runtime/include/ravel/time.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace io::detail {

// A channel that is closed while the deadline has passed.
class pipe_deadline {
 public:
  ~pipe_deadline();
  void set(std::optional<clock::time_point> when);
  recv_chan<unit> passed();

 private:
  struct state {  // a timer that is under way may outlive the pipe
    mutex lock;
    chan<unit> passed = make_chan<unit>();
    bool is_closed = false;
    std::uint64_t setting = 0;
  };
  std::shared_ptr<state> state_ = std::make_shared<state>();
  std::optional<timer> timer_;  // guarded by the state's lock
};

struct pipe_end {
  mutex lock;
  bool is_closed = false;
  std::error_code why;                  // what the other end is told
  chan<unit> closed = make_chan<unit>();
  void close(std::error_code reason);
  std::error_code reason();
};

struct pipe_state {
  chan<const_bytes> data = make_chan<const_bytes>();
  chan<std::size_t> taken = make_chan<std::size_t>();
  mutex writing;
  pipe_end reader_end, writer_end;
  pipe_deadline read_deadline, write_deadline;

  std::size_t read(bytes to, std::error_code& error);
  std::size_t write(const_bytes from, std::error_code& error);
};

}  // namespace io::detail
} }
