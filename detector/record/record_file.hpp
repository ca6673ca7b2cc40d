#pragma once
// The file of a recorded order: what RAVEL_OPTIONS=record=FILE writes and `ravel replay FILE ./prog` reads.
//
// A page with the head, then chunks, each written by one thread from its beginning, in the byte order of the machine. A chunk is a row of
// entries and ends where a zero byte stands in place of the next. The file is mapped while it is written: what a process has written is in the
// file whatever ends it, but for the entry it was writing, whose first byte is written last.
//
//   operation   op + 1 | 0x40 where more follows | 0x80 where an outcome follows; [outcome: byte]; [more: bytes of the jump | looks << 3;
//               jump, the lowest byte first], at most eight bytes in all. Of the thread's present goroutine; its stamp is that of its last
//               entry and 1 and the jump. Looks: loads of atomics by it, since its last entry, that read what it had read before; no operations
//   control     0x3F, kind, varints:
//     1 switch     goroutine, operations it had done, stamp: what follows on this thread is its
//     2 created    goroutine, by the present one
//     3 by timer   goroutine, stamp
//     4 fired      goroutine that started the timer, operations it had done then, stamp
//     5 returned   stamp: main's end
//     6 looks      how many: where they do not fit an operation's entry, or none follows
//     7 repeats    of the last operation with its looks, without a jump; four bytes, the lowest first, in place of a varint: it grows
//
// Stamps order what was done: an operation's is above those of all earlier ones of its goroutine and on its objects (Lamport 1978), and not
// far below the time at which it was done. So any order by stamps keeps, for each object and each goroutine, the order that was. Looks need
// none: a replay gives them what their goroutine has read there before.

#include <cstddef>
#include <cstdint>

namespace ravel::detector::record {

inline constexpr char magic[16] = "ravel recording";
inline constexpr std::uint32_t version = 2;
inline constexpr std::size_t head_size = 4096, chunk_size = 64 << 10;
inline constexpr std::size_t kept_findings = 16;

struct noted_finding {
  std::uint64_t key;        // hash of report::key_of
  std::uint64_t goroutine;  // that found it
  std::uint64_t operation;  // how many it had done
};

// Numbers that grow while the program runs are written with atomic operations.
struct file_head {
  char magic[16];
  std::uint32_t version;
  std::uint32_t ended;             // the program came to its end, by main or by exit
  std::uint64_t program_hash;
  std::uint64_t chunks;
  std::uint64_t findings;          // of which the first few are kept
  std::uint32_t threads;           // the program has made threads of its own: from there on nothing is recorded
  std::uint32_t out_of_space;      // likewise
  noted_finding noted[kept_findings];
  char program[1024];              // its path
};
static_assert(sizeof(file_head) <= head_size);

enum class control : std::uint8_t { switched = 1, created, created_by_timer, fired, returned, looks, repeats };
inline constexpr std::uint8_t control_byte = 0x3F, has_more = 0x40, has_outcome = 0x80, op_bits = 0x3F;
inline constexpr int bits_of_jump = 40, bits_of_looks = 5;

// Of the linker's build id, or where there is none of the executable's bytes: 26 MB of them take longer than many a program. 0: it cannot be read.
std::uint64_t hash_of_this_program();
// Four independent lanes at once.
std::uint64_t hash_of_text(const char* text, std::size_t size);

}  // namespace ravel::detector::record
