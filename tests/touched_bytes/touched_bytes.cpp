// Which bytes does the detector believe a loop touched? Every kind of loop, every byte of its buffer: a goroutine runs the loop, main then
// writes that one byte without being ordered after it. A race must be reported exactly for the bytes that the loop really accessed: what
// checks of whole loops leave out or add, on any level of optimisation, shows here.
//
// Without arguments runs itself once per kind and byte and compares; `touched_bytes <kind> <byte>` is one such run.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <ravel/ravel.hpp>

namespace {

constexpr int size = 96;
using u8 = unsigned char;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
struct pair { u32 a, b; };

volatile int opaque_size = size;  // so that no loop has a number of rounds the compiler knows

volatile u64 sink;  // so that what only reads is not left out

struct kind {
  const char* name;
  void (*loop)(u8* buffer, int n);
  bool (*touches)(int byte);
};

[[gnu::noinline]] void may_throw(int i) {
  if (i == 5) throw i;
}

// main takes and gives back this lock before it writes: what a loop did before its last unlock is ordered, what it did after is not.
ravel::mutex lock;
[[gnu::noinline]] void release() {
  lock.lock();
  lock.unlock();
}
[[gnu::noinline]] u64 releases_nothing(const u8* p) { return p[11] * 3u + p[12]; }
void (*volatile release_by_pointer)() = release;

constexpr kind kinds[] = {
    {"bytes written upwards", [](u8* p, int n) { for (int i = 0; i < n; ++i) p[i] = static_cast<u8>(i * 3); }, [](int) { return true; }},
    {"all but the ends", [](u8* p, int n) { for (int i = 3; i < n - 5; ++i) p[i] = static_cast<u8>(p[i] + 1); },
     [](int b) { return b >= 3 && b < size - 5; }},
    {"words written downwards", [](u8* p, int n) { auto* w = reinterpret_cast<u32*>(p); for (int i = n / 4 - 1; i >= 2; --i) w[i] = static_cast<u32>(i); },
     [](int b) { return b >= 8; }},
    {"read and summed", [](u8* p, int n) { auto* w = reinterpret_cast<u64*>(p); u64 s = 0; for (int i = 1; i < n / 8; ++i) s += w[i]; sink = s; },
     [](int b) { return b >= 8; }},
    {"every second word read", [](u8* p, int n) { auto* w = reinterpret_cast<u32*>(p); u32 s = 0; for (int i = 0; i < n / 8; ++i) s += w[2 * i]; sink = s; },
     [](int b) { return b % 8 < 4; }},
    {"every second word written", [](u8* p, int n) { auto* w = reinterpret_cast<u32*>(p); for (int i = 0; i < n / 8; ++i) w[2 * i + 1] = 7; },
     [](int b) { return b % 8 >= 4; }},
    {"both fields", [](u8* p, int n) { auto* w = reinterpret_cast<pair*>(p); for (int i = 0; i < n / 8; ++i) { w[i].b = 1; w[i].a = static_cast<u32>(i); } },
     [](int) { return true; }},
    {"one field read, the other not", [](u8* p, int n) { auto* w = reinterpret_cast<pair*>(p); u32 s = 0; for (int i = 0; i < n / 8; ++i) s += w[i].b * 3; sink = s; },
     [](int b) { return b % 8 >= 4; }},
    {"three bytes a round", [](u8* p, int n) { u32 s = 0; for (int i = 0; i + 3 <= n - 2; i += 3) s += p[i] + p[i + 1] * p[i + 2]; sink = s; },
     [](int b) { return b < 93; }},
    {"stops at a value", [](u8* p, int n) { p[40] = 1; for (int i = 0; i < n; ++i) { if (p[i] != 0) break; p[i] = 2; } }, [](int b) { return b <= 40; }},
    {"rows side by side", [](u8* p, int n) { auto* w = reinterpret_cast<u32*>(p); for (int r = 0; r < 4; ++r) for (int c = 0; c < n / 16; ++c) w[r * (n / 16) + c] = 1; },
     [](int) { return true; }},
    {"rows with gaps", [](u8* p, int n) { auto* w = reinterpret_cast<u32*>(p); for (int r = 0; r < 4; ++r) for (int c = 0; c < n / 24; ++c) w[r * 6 + c] += 1; },
     [](int b) { return b % 24 < 16; }},
    {"a column", [](u8* p, int n) { auto* w = reinterpret_cast<u32*>(p); u32 s = 0; for (int r = 0; r < n / 24; ++r) s += w[r * 6 + 2]; sink = s; },
     [](int b) { return b % 24 >= 8 && b % 24 < 12; }},
    {"some rounds only", [](u8* p, int n) { auto* w = reinterpret_cast<u32*>(p); for (int i = 0; i < n / 4; ++i) if (i % 3 == 0) w[i] = 1; },
     [](int b) { return b / 4 % 3 == 0; }},
    {"ended by an exception", [](u8* p, int n) { try { for (int i = 0; i < n; ++i) { may_throw(i); p[i] = 1; } } catch (int) {} },
     [](int b) { return b < 5; }},
    {"no round at all", [](u8* p, int n) { for (int i = n; i < size; ++i) p[i] = 1; }, [](int) { return false; }},
    {"again after a release", [](u8* p, int n) { u64 s = 0; for (int i = 0; i < n; ++i) s += p[i]; lock.lock(); lock.unlock(); sink = s + p[11]; },
     [](int b) { return b == 11; }},
    {"again after a release in a callee", [](u8* p, int n) { sink = p[11] + p[19]; release(); sink = p[11] + u64(n); }, [](int b) { return b == 11; }},
    {"again after a release by pointer", [](u8* p, int n) { sink = p[11] + p[19]; release_by_pointer(); sink = p[19] + u64(n); },
     [](int b) { return b == 19; }},
    {"again after a release on one path", [](u8* p, int n) { sink = p[11] + p[19]; if (n > 90) release(); sink = p[11] + u64(n); },
     [](int b) { return b == 11; }},
    {"released in every round", [](u8* p, int n) { for (int i = 0; i < 3; ++i) { sink = p[11]; release(); sink = p[12] + u64(n); } },
     [](int b) { return b == 12; }},
    {"again after a callee that releases nothing", [](u8* p, int n) { release(); sink = p[11] + releases_nothing(p) + p[11] + u64(n); },
     [](int b) { return b == 11 || b == 12; }},
    {"triangle", [](u8* p, int n) { for (int r = 0; r < 8; ++r) for (int c = 0; c < r && r < n; ++c) p[r * 8 + c] = 1; },
     [](int b) { return b < 64 && b % 8 < b / 8; }},
};

int one_run(const kind& k, int byte) {
  auto* buffer = static_cast<u8*>(std::calloc(1, size));
  std::atomic<bool> done{false};
  ravel::go([&] {
    k.loop(buffer, opaque_size);
    done.store(true, std::memory_order_relaxed);  // orders nothing
  });
  while (!done.load(std::memory_order_relaxed)) ravel::yield();
  release();
  static_cast<volatile u8*>(buffer)[byte] = 9;
  return 0;
}

bool reports_race(const char* self, int k, int byte) {
  std::string kind_text = std::to_string(k), byte_text = std::to_string(byte);
  const char* arguments[] = {self, kind_text.c_str(), byte_text.c_str(), nullptr};
  pid_t child = 0;
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
  if (posix_spawn(&child, self, &quiet, nullptr, const_cast<char* const*>(arguments), environ) != 0) std::exit(2);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 66)) return WEXITSTATUS(status) == 66;
  std::printf("run %d %d ended with status %d\n", k, byte, status);
  std::exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3) return one_run(kinds[std::atoi(argv[1])], std::atoi(argv[2]));
  int wrong = 0, k = 0;
  for (const kind& each : kinds) {
    for (int byte = 0; byte < size; ++byte) {
      // The middle of each granule, where word meets word, and both ends: a report costs tens of milliseconds.
      if (byte % 8 != 3 && byte % 8 != 4 && byte != 0 && byte != size - 1) continue;
      const bool reported = reports_race("/proc/self/exe", k, byte);
      if (reported == each.touches(byte)) continue;
      std::printf("%s: byte %d %s\n", each.name, byte, reported ? "false alarm" : "race missed");
      ++wrong;
    }
    ++k;
  }
  return wrong == 0 ? 0 : 1;
}
