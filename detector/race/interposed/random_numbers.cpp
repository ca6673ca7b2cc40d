// Random numbers. In a controlled run they follow from the schedule: every run of it draws the same. Outside of one nothing changes.
//
// Which numbers come is part of what a strategy chooses, though it tries only a few streams; a program that seeds with a constant gets other
// numbers than the C library's, in each schedule the same. Engines of <random> compute theirs, from seeds that come from here.

#include <dlfcn.h>

#include <cstring>
#include <random>

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "runtime/hooks/controlled_library.hpp"

namespace ravel::detector {

namespace {

std::uint64_t draw(int bits) { return hooks::controlled_random() >> (64 - bits); }

void fill(void* to, std::size_t size, const void* frame) {
  for (std::size_t at = 0; at < size; at += 8) {
    const std::uint64_t n = draw(64);
    std::memcpy(static_cast<char*>(to) + at, &n, size - at < 8 ? size - at : 8);
  }
  record_written(to, size, frame);
}

unsigned (*device_value)(std::random_device*) = nullptr;

}  // namespace

void find_random_functions() {
  device_value = reinterpret_cast<unsigned (*)(std::random_device*)>(::dlsym(RTLD_NEXT, "_ZNSt13random_device9_M_getvalEv"));
}

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

ssize_t getrandom(void* to, size_t size, unsigned flags) {
  if (!in_schedule()) return libc.getrandom(to, size, flags);
  fill(to, size, __builtin_frame_address(0));
  return static_cast<ssize_t>(size);
}
int getentropy(void* to, size_t size) {
  if (!in_schedule() || size > 256) return libc.getentropy(to, size);
  fill(to, size, __builtin_frame_address(0));
  return 0;
}

int rand() noexcept { return in_schedule() ? static_cast<int>(draw(31)) : libc.rand(); }
void srand(unsigned seed) noexcept {
  if (in_schedule()) ravel::hooks::seed_controlled_random(seed);
  else libc.srand(seed);
}
long random() noexcept { return in_schedule() ? static_cast<long>(draw(31)) : libc.random(); }
void srandom(unsigned seed) noexcept {
  if (in_schedule()) ravel::hooks::seed_controlled_random(seed);
  else libc.srandom(seed);
}
double drand48() noexcept { return in_schedule() ? static_cast<double>(draw(48)) / 281474976710656.0 : libc.drand48(); }
long lrand48() noexcept { return in_schedule() ? static_cast<long>(draw(31)) : libc.lrand48(); }
long mrand48() noexcept { return in_schedule() ? static_cast<std::int32_t>(draw(32)) : libc.mrand48(); }
void srand48(long seed) noexcept {
  if (in_schedule()) ravel::hooks::seed_controlled_random(static_cast<std::uint64_t>(seed));
  else libc.srand48(seed);
}

std::uint32_t arc4random() noexcept { return in_schedule() ? static_cast<std::uint32_t>(draw(32)) : libc.arc4random(); }
std::uint32_t arc4random_uniform(std::uint32_t bound) noexcept {
  if (!in_schedule()) return libc.arc4random_uniform(bound);
  return bound < 2 ? 0 : static_cast<std::uint32_t>(draw(64) % bound);
}
void arc4random_buf(void* to, size_t size) noexcept {
  if (in_schedule()) fill(to, size, __builtin_frame_address(0));
  else libc.arc4random_buf(to, size);
}

// unsigned std::random_device::_M_getval(). Weak as in exceptions.cpp.
[[gnu::weak]] unsigned ravel_interposed_random_device(std::random_device* d) asm("_ZNSt13random_device9_M_getvalEv");
unsigned ravel_interposed_random_device(std::random_device* d) { return in_schedule() ? static_cast<unsigned>(draw(32)) : device_value(d); }

}  // extern "C"
