// Memory that the kernel fills or reads for a goroutine.

#include "program.hpp"

#include <sys/mman.h>
#include <sys/uio.h>

using programs::together;
using programs::use;

namespace {

struct pipe_ends {
  int from = -1, to = -1;
  explicit pipe_ends(const char* content) {
    int ends[2];
    if (::pipe(ends) != 0 || ::write(ends[1], content, std::strlen(content)) < 0) std::abort();
    from = ends[0];
    to = ends[1];
  }
  ~pipe_ends() {
    ::close(from);
    ::close(to);
  }
};

int file_of(const char* content) {
  const int f = ::memfd_create("content", 0);
  if (f < 0 || ::write(f, content, std::strlen(content)) < 0) std::abort();
  return f;
}

}  // namespace

// A buffer is passed on, and filled again while the other still looks at it.
RAVEL_PROGRAM(race_issue5567) {
  const pipe_ends p("12345678");
  char buffer[4] = {};
  auto filled = ravel::make_chan<char*>();
  together(
      [&] {
        use(::read(p.from, buffer, 4));
        filled.send(buffer);
        use(::read(p.from, buffer, 4));  // races
      },
      [&] {
        const char* mine = *filled.recv();
        use(mine[0]);  // races
      });
}

RAVEL_PROGRAM(norace_buffer_handed_back_before_it_is_filled_again) {
  const pipe_ends p("12345678");
  char buffer[4] = {};
  auto filled = ravel::make_chan<char*>(), used = ravel::make_chan<char*>();
  together(
      [&] {
        use(::read(p.from, buffer, 4));
        filled.send(buffer);
        used.recv();
        use(::read(p.from, buffer, 4));
      },
      [&] {
        char* mine = *filled.recv();
        use(mine[0]);
        used.send(mine);
      });
}

// Two read at a place of a file into the same memory.
RAVEL_PROGRAM(race_issue51618) {
  const int f = file_of("content");
  char buffer[8] = {};
  together([&] { use(::pread(f, buffer, 4, 0)); },   // races
           [&] { use(::pread(f, buffer, 4, 2)); });  // races
  ::close(f);
}

RAVEL_PROGRAM(norace_two_parts_of_a_buffer_filled_at_once) {
  const int f = file_of("content");
  char buffer[8] = {};
  together([&] { use(::pread(f, buffer, 4, 0)); }, [&] { use(::pread(f, buffer + 4, 3, 4)); });
  ::close(f);
}

// What is being read in is written out.
RAVEL_PROGRAM(race_issue5654) {
  const pipe_ends in("content"), out("");
  char buffer[8] = {};
  together(
      [&] {
        const iovec part{buffer, sizeof buffer};
        use(::readv(in.from, &part, 1));  // races
      },
      [&] { use(::write(out.to, buffer, 4)); });  // races
}
