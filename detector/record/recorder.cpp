// Writes down the order of operations of a program in parallel mode, as Lamport stamps of which only what is not plus one is written
// (Levrouw, Audenaert, Van Campenhout, A New Trace and Replay Method for Shared Memory Programs Based on Lamport Clocks, 1994; up to the first
// race the order of synchronisation determines the execution: Ronsse, De Bosschere, RecPlay, TOCS 1999).
//
// Invariants: a chunk is written by the thread that took it, and nobody else; entries of one goroutine lie in the chunks of the threads that ran
// it, each row of them behind an entry that says whose they are and how many came before. A stamp never runs ahead of the clock of the
// machine, since an operation takes longer than a tick; it is set to the clock when a goroutine is resumed and every few operations, so that what
// is not ordered by any object is replayed about when it was. A look at the clock costs more than all else that is done for an operation.
//
// Objects without a number of their own share counters by a hash of their address: two that do get an order they need not have, no other harm.
// Readers of a lock are in no order with each other, so each thread keeps its own counter of what it did as one, which who locks it for writing
// reads; one for all would be a cache line that they pass to and fro, where the lock itself has one for each.

#include "detector/record/recorder.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "detector/base/spin_lock.hpp"
#include "detector/record/record_file.hpp"
#include "detector/report/options.hpp"
#include "detector/report/output.hpp"
#include "detector/report/same.hpp"
#include "detector/report/sink.hpp"
#include "runtime/hooks/order.hpp"
#include "runtime/hooks/services.hpp"

namespace ravel::detector::record {

namespace {

using hooks::goroutine_view;
using hooks::op;

constexpr int counter_bits = 14;
constexpr std::uint32_t looks_at_clock = 128; // operations of a thread between two looks
constexpr std::size_t most_of_entry = 64;     // bytes of a switch, looks and an operation together: room for them is asked once

std::atomic<std::uint64_t> counters[std::size_t{1} << counter_bits];

std::atomic<std::uint64_t>& counter_of(const void* object) {
  return counters[(reinterpret_cast<std::uintptr_t>(object) >> 3) * 0x9E3779B97F4A7C15ull >> (64 - counter_bits)];
}

constexpr std::uint32_t reader_rows = 8;
constexpr int reader_bits = 10;
std::atomic<std::uint64_t> readers[reader_rows][std::size_t{1} << reader_bits];
std::atomic<std::uint32_t> threads{0};

struct writer {
  std::uint8_t* at;
  std::uint8_t* end;            // of the room for entries
  goroutine_view* running;      // null: none, or one that is not recorded
  bool announced;               // what follows here is known to be of `running`
  std::uint32_t operations;
  std::uint32_t reader_row;
  std::uint64_t last, repeated;  // operation, outcome and looks of an entry; 0: none
  std::uint8_t* repeats;         // how many, in the file
};
__thread writer here __attribute__((tls_model("initial-exec")));

file_head* head = nullptr;
int file = -1;
std::atomic<bool> active{false};
constinit spin_lock growing;
std::uint64_t start_of_time = 0;

std::uint64_t clock_now() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc() - start_of_time;
#else
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(t.tv_nsec) - start_of_time;
#endif
}

// Past the detector's own functions, which would take the mapping for the program's.
std::uint8_t* map(std::size_t offset, std::size_t size) {
  const long at = ::syscall(SYS_mmap, nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, offset);
  return at == -1 ? nullptr : reinterpret_cast<std::uint8_t*>(at);
}

void stop(std::uint32_t& why, const char* sentence) {
  if (!active.exchange(false, std::memory_order_relaxed)) return;
  __atomic_store_n(&why, 1, __ATOMIC_RELAXED);
  report::write_all(STDERR_FILENO, std::string("ravel: RAVEL_OPTIONS: record: ") + sentence + "\n");
}

[[gnu::noinline]] bool take_chunk(writer& w) {
  std::uint8_t* fresh = nullptr;
  {
    const locked hold(growing);
    const std::uint64_t n = head->chunks;
    const std::size_t at = head_size + n * chunk_size;
    // Room on the disk now, or writing to the mapping would end the process.
    if (::posix_fallocate(file, static_cast<off_t>(at), chunk_size) == 0) fresh = map(at, chunk_size);
    if (fresh != nullptr) __atomic_store_n(&head->chunks, n + 1, __ATOMIC_RELEASE);
  }
  if (fresh == nullptr) {
    stop(head->out_of_space, "no room on the disk; the recording ends here");
    return false;
  }
  if (w.end == nullptr) w.reader_row = threads.fetch_add(1, std::memory_order_relaxed) % reader_rows;
  else ::syscall(SYS_munmap, w.end + most_of_entry - chunk_size, chunk_size);
  w.at = fresh;
  w.end = fresh + chunk_size - most_of_entry;
  w.announced = false;
  w.last = w.repeated = 0;
  return true;
}

std::uint8_t* put(std::uint8_t* at, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) *at++ = static_cast<std::uint8_t>(n) | 0x80;
  *at++ = static_cast<std::uint8_t>(n);
  return at;
}

// The first byte last, and after everything else.
void publish(writer& w, std::uint8_t first, std::uint8_t* next) {
  __atomic_store_n(w.at, first, __ATOMIC_RELEASE);
  w.at = next;
}

bool has_room(writer& w) { return w.at < w.end || take_chunk(w); }  // both null at first

void write_control(writer& w, control kind, std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0, int numbers = 1) {
  std::uint8_t* at = w.at + 1;
  *at++ = static_cast<std::uint8_t>(kind);
  at = put(at, a);
  if (numbers > 1) at = put(at, b);
  if (numbers > 2) at = put(at, c);
  publish(w, control_byte, at);
  w.last = w.repeated = 0;
}

void announce(writer& w, std::uint64_t now) {
  if (!has_room(w)) return;
  goroutine_view& g = *w.running;
  g.order_time = std::max(g.order_time, now);
  write_control(w, control::switched, g.id, g.order_done, g.order_time, 3);
  w.announced = true;
}

std::uint64_t raised(std::atomic<std::uint64_t>& counter, std::uint64_t least) {
  std::uint64_t before = counter.load(std::memory_order_relaxed);
  std::uint64_t now = 0;
  do now = std::max(before, least) + 1;
  while (!counter.compare_exchange_weak(before, now, std::memory_order_relaxed));
  return now;
}

// A stamp above `least` for what is done to an object now.
std::uint64_t stamp(const writer& w, op what, std::uint64_t least, const void* object) {
  const auto row_of = [object](std::uint32_t row) -> std::atomic<std::uint64_t>& {
    return readers[row][(reinterpret_cast<std::uintptr_t>(object) >> 3) * 0x9E3779B97F4A7C15ull >> (64 - reader_bits)];
  };
  switch (what) {
    case op::rw_rlock:
    case op::rw_try_rlock:
    case op::rw_runlock: return raised(row_of(w.reader_row), std::max(least, counter_of(object).load(std::memory_order_relaxed)));
    case op::rw_lock:
    case op::rw_try_lock:
      for (std::uint32_t row = 0; row < reader_rows; ++row) least = std::max(least, row_of(row).load(std::memory_order_relaxed));
      [[fallthrough]];
    default: return raised(counter_of(object), least);
  }
}

bool is_recorded(const writer& w) { return w.running != nullptr && active.load(std::memory_order_relaxed) && !hooks::maybe_controlled(); }

[[gnu::noinline]] bool announced_again(writer& w, std::uint64_t now) {
  w.announced = false;
  announce(w, now);
  return w.announced;
}

// Whether the running goroutine's operations can be written here now.
bool is_ready(writer& w) { return is_recorded(w) && ((w.announced && w.at < w.end) || announced_again(w, clock_now())); }

std::uint64_t least_for(const writer& w) { return std::max(w.running->order_time, hooks::detail::least_place); }

void write_looks(writer& w) {
  std::uint64_t& looks = hooks::detail::same_looks;
  if (looks == 0) return;
  write_control(w, control::looks, looks);
  looks = 0;
}

// One store: what it writes is there whole or not at all, and zeros behind it.
void write_entry(writer& w, std::uint64_t entry, unsigned bits) {
  __builtin_memcpy(w.at, &entry, sizeof entry);
  w.at += bits / 8;
}

[[gnu::noinline]] void write_operation_anew(writer& w, std::uint64_t same, std::uint64_t what, std::uint64_t outcome, std::uint64_t jump) {
  static_assert(8 + 8 + 8 + bits_of_jump <= 64);
  const goroutine_view& g = *w.running;  // has it done already
  std::uint64_t& looks = hooks::detail::same_looks;
  if (jump == 0 && same == w.last) {
    w.repeated = same;
    w.repeats = w.at + 2;
    looks = 0;
    return write_entry(w, control_byte | static_cast<std::uint64_t>(control::repeats) << 8 | std::uint64_t{1} << 16, 48);
  }
  if (looks >> bits_of_looks != 0) write_looks(w);
  if (jump >> bits_of_jump != 0) {
    write_control(w, control::switched, g.id, g.order_done - 1, g.order_time - 1, 3);
    jump = 0;
  }
  w.last = looks == same >> 16 && jump == 0 ? same : 0;
  w.repeated = 0;
  std::uint64_t entry = what + 1;
  unsigned bits = 8;
  if (outcome != 0) {
    entry |= has_outcome | outcome << 8;
    bits = 16;
  }
  if ((jump | looks) != 0) {
    const unsigned size = (70u - static_cast<unsigned>(__builtin_clzll(jump << 1 | 1))) / 8;
    entry |= has_more | (size | looks << 3) << bits | jump << (bits + 8);
    bits += 8 + size * 8;
    looks = 0;
  }
  write_entry(w, entry, bits);
}

// The same again is only counted.
[[gnu::always_inline]] inline void write_operation(writer& w, op what, std::uint32_t outcome, std::uint64_t now) {
  goroutine_view& g = *w.running;
  const std::uint64_t jump = now - g.order_time - 1;
  g.order_time = now;
  ++g.order_done;
  if (++w.operations % looks_at_clock == 0) [[unlikely]] hooks::detail::least_place = clock_now();
  const std::uint64_t same = (static_cast<std::uint64_t>(what) + 1) | std::uint64_t{outcome & 0xFF} << 8 | hooks::detail::same_looks << 16;
  if (jump != 0 || same != w.repeated) return write_operation_anew(w, same, static_cast<std::uint64_t>(what), outcome & 0xFF, jump);
  hooks::detail::same_looks = 0;
  std::uint32_t n = 0;
  __builtin_memcpy(&n, w.repeats, sizeof n);
  ++n;  // not 2^32 times: the clock comes in between
  __builtin_memcpy(w.repeats, &n, sizeof n);
}

class recorder final : public hooks::order_keeper {
 public:
  void main_begins() override {
    if (hooks::maybe_controlled()) return;
    start_of_time = clock_now();
    here.running = hooks::current_goroutine_if_any();
    here.announced = false;
    active.store(true, std::memory_order_release);
  }

  void took(op what, std::uint32_t outcome, const void* const* objects, std::size_t count) override {
    writer& w = here;
    if (!is_ready(w)) return;
    const std::uint64_t least = least_for(w);
    write_operation(w, what, outcome, count == 0 ? least + 1 : stamp(w, what, least, objects[0]));  // nobody needs more than one of these
  }

  void took(op what, std::uint32_t outcome, const owned* objects, std::size_t count) override {
    writer& w = here;
    if (!is_ready(w)) return;
    std::uint64_t now = least_for(w);
    for (std::size_t i = 0; i < count; ++i) now = std::max(now, *objects[i].last);
    ++now;
    for (std::size_t i = 0; i < count; ++i) *objects[i].last = now;
    write_operation(w, what, outcome, now);
  }

  void took_at(std::uint64_t place, op what, std::uint32_t outcome) override {
    writer& w = here;
    if (is_recorded(w) && ((w.announced && w.at < w.end) || announced_again(w, place - 1))) write_operation(w, what, outcome, place);
  }

  void started_timer(const void*, hooks::timer_name& name) override {
    name = {};
    if (const goroutine_view* g = here.running; g != nullptr) name = {g->id, g->order_done};
  }
  void fired(const hooks::timer_name& timer, const owned* channel) override {
    writer& w = here;
    if (timer.goroutine == 0 || !active.load(std::memory_order_relaxed)) return;
    std::uint64_t now = clock_now();
    if (channel != nullptr) now = *channel->last = std::max(now, *channel->last) + 1;
    if (!has_room(w)) return;
    write_control(w, control::fired, timer.goroutine, timer.operation, now, 3);
  }

  void created(goroutine_view* parent, goroutine_view& child, bool by_timer) override {
    if (!active.load(std::memory_order_relaxed) || hooks::maybe_controlled()) return;
    writer& w = here;
    if (parent == nullptr && !by_timer) {
      stop(head->threads, "the program makes threads of its own (std::thread, pthread_create), which a controlled schedule cannot repeat; "
                          "the recording ends here; goroutines can be recorded");
      return;
    }
    if (parent == nullptr) {
      child.order_time = clock_now();
      if (!has_room(w)) return;
      write_control(w, control::created_by_timer, child.id, child.order_time, 0, 2);
      return;
    }
    child.order_time = parent->order_time;
    if (w.running != parent || !is_ready(w)) return;
    write_looks(w);
    write_control(w, control::created, child.id);
  }

  void resumed(goroutine_view& g) override {
    writer& w = here;
    w.running = &g;
    w.announced = false;
    hooks::detail::same_looks = 0;
    // Said at once: it may do nothing more that is told, and still has gone on.
    if (active.load(std::memory_order_relaxed) && !hooks::maybe_controlled()) announce(w, hooks::detail::least_place = clock_now());
  }
  void suspended() override {
    if (hooks::detail::same_looks != 0 && is_ready(here)) write_looks(here);
    here.running = nullptr;
  }

  void main_returned() override {
    if (!active.load(std::memory_order_relaxed)) return;
    if (!is_ready(here)) return;
    write_looks(here);
    write_control(here, control::returned, clock_now());
  }

  std::uint32_t wanted(op) override { return any; }
};

// The replay is to show it again.
void note_finding(const report::finding& f) {
  if (!active.load(std::memory_order_relaxed)) return;
  const std::string key = report::key_of(f);
  const std::uint64_t n = __atomic_fetch_add(&head->findings, 1, __ATOMIC_RELAXED);
  if (n >= kept_findings) return;
  const goroutine_view* g = here.running;
  head->noted[n] = {hash_of_text(key.data(), key.size()), g == nullptr ? 0 : g->id, g == nullptr ? 0 : g->order_done};
}

constinit recorder the_recorder;

void in_child() {
  active.store(false, std::memory_order_relaxed);
  hooks::detail::keeps_order.store(nullptr, std::memory_order_relaxed);
}

[[noreturn]] void refuse(const std::string& path) {
  report::write_all(STDERR_FILENO, "ravel: RAVEL_OPTIONS: record: cannot write " + path + ": " + std::strerror(errno) + "; name a file in a folder that exists\n");
  ::_exit(2);
}

// A process that inherits the option from one that is recorded must not write over its file.
int open_alone(std::string& path) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    const int opened = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (opened < 0) refuse(path);
    if (::flock(opened, LOCK_EX | LOCK_NB) == 0) {
      if (::ftruncate(opened, 0) != 0 || ::ftruncate(opened, head_size) != 0) refuse(path);
      return opened;
    }
    ::syscall(SYS_close, opened);
    path += "." + std::to_string(::getpid());
  }
  errno = EWOULDBLOCK;
  refuse(path);
}

}  // namespace

void start_recording(const std::string& program) {
  std::string path = report::current_options().record;
  if (path.empty() || std::getenv("RAVEL_EXPLORE") != nullptr || std::getenv("RAVEL_REPLAY") != nullptr) return;
  file = open_alone(path);
  head = reinterpret_cast<file_head*>(map(0, head_size));
  if (head == nullptr) refuse(path);
  head->version = version;
  head->program_hash = hash_of_this_program();
  std::strncpy(head->program, program.c_str(), sizeof head->program - 1);
  std::memcpy(head->magic, magic, sizeof magic);
  if (::pthread_atfork(nullptr, nullptr, in_child) != 0) refuse(path);
  report::tell_of_each(note_finding);
  hooks::detail::keeps_order.store(&the_recorder, std::memory_order_release);
  std::atexit([] {
    if (hooks::keeps_order() != nullptr) __atomic_store_n(&head->ended, 1, __ATOMIC_RELAXED);
  });
}

}  // namespace ravel::detector::record
