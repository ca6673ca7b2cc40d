// malloc and its family, defined here over glibc's own: every allocation of the process passes, whoever makes it, since memory that a
// library frees comes back to instrumented code.
//
// A new life of memory resets its shadow; a free is checked like a write of the whole block and remembered as one, so that a free that
// races with a use is found from either side. What is known of a block (stack, goroutine, size) lives in the shadow of malloc's own
// header, the 8 bytes before the block, which no program accesses: no table, no extra memory.
//
//   marker = | 0xFE : 8 | usable - requested size, 31: more : 5 | stack : 25 | goroutine : 26 |      ids that do not fit: 0, unknown

#include "detector/race/heap.hpp"

#include <malloc.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "detector/race/calling_context.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/race/record_access.hpp"
#include "detector/race/resident_shadow.hpp"
#include "detector/race/sync_object.hpp"
#include "detector/shadow/shadow_map.hpp"

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace ravel::detector {

namespace {

constinit bool watching = false;

constexpr int stack_bits = 25, goroutine_bits = 26, slack_bits = 5;
constexpr std::uint64_t slack_unknown = (1u << slack_bits) - 1;

bool tracked() { return watching && !this_thread.inside; }

std::uint64_t fit(std::uint64_t value, int bits) { return value < (std::uint64_t{1} << bits) ? value : 0; }

std::uintptr_t address_of(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

// glibc keeps "this chunk was mapped by itself" in the second bit of the size word before the block; free will unmap it.
bool is_own_mapping(const void* p) { return (static_cast<const std::size_t*>(p)[-1] & 2) != 0; }

void begin_life(void* p, std::size_t requested, const void* frame) {
  if (p == nullptr || !watching) return;
  const std::uintptr_t start = address_of(p);
  if (!is_shadowed(start)) return;
  const std::size_t usable = ::malloc_usable_size(p);
  if (!tracked()) {  // the detector's own: what was known of the memory is over all the same, headers of blocks in it too
    reset_shadow(start - granule_size, usable + granule_size);
    return;
  }
  inside_detector guard;
  reset_shadow(start, usable);
  const std::size_t slack = usable - requested;
  const goroutine_state* g = running();
  const std::uint64_t marker = block_marker << 56 | (slack < slack_unknown ? slack : slack_unknown) << (stack_bits + goroutine_bits) |
                               fit(stack_of_event(frame), stack_bits) << goroutine_bits | fit(g == nullptr ? 0 : g->index, goroutine_bits);
  store_tag(tag_address(start - granule_size), marker);
  std::uint32_t* const word = block_word(start - granule_size);
  if ((__atomic_load_n(word, __ATOMIC_RELAXED) & block_has_tags) == 0) unlock_block(word, lock_block(word));  // for the collector
}

void end_life(void* p, const void* frame) {
  if (p == nullptr || !tracked()) return;
  const std::uintptr_t start = address_of(p);
  if (!is_shadowed(start)) return;
  const std::size_t usable = ::malloc_usable_size(p);
  if (running() != nullptr && !this_thread.ignoring) record_range(start, usable, access_class::plain_write, access_nature::free, frame);
  inside_detector guard;
  tag_word* const marker = tag_address(start - granule_size);
  if (const tag_word t = load_tag(marker); is_block_marker(t)) store_tag(marker, freed(t));
  forget_atomics(start, usable);
  // A block with a mapping of its own is unmapped now: whatever is mapped there next has no past.
  if (is_own_mapping(p)) reset_shadow(start, usable);
}

}  // namespace

namespace {

void forget_atomics_in(std::uintptr_t start, std::uintptr_t end) {
  for (std::uintptr_t block = start & ~(block_size - 1); block < end; block += block_size) {
    std::uint32_t* word = block_word(block);
    if ((__atomic_load_n(word, __ATOMIC_RELAXED) & block_has_atomics) == 0) continue;
    const std::uintptr_t low = block < start ? start : block;
    const std::uintptr_t high = block + block_size < end ? block + block_size : end;
    address_clocks::forget(low, high);
    if (low == block && high == block + block_size) unlock_block(word, lock_block(word) & ~block_has_atomics);
  }
}

// Above this, most of a block is rather reserved than used: looking at all its block words would give them memory.
constexpr std::size_t sparse_from = 16 << 20;

}  // namespace

void forget_atomics(std::uintptr_t start, std::size_t size) {
  if (size < sparse_from) {
    forget_atomics_in(start, start + size);
    return;
  }
  for_each_resident_part(start, start + size, nullptr, [](void*, std::uintptr_t low, std::uintptr_t high) { forget_atomics_in(low, high); });
}

void start_watching_heap() { watching = true; }

goroutine_index allocated_by(tag_word marker) { return static_cast<goroutine_index>(marker & ((1u << goroutine_bits) - 1)); }

namespace {

// From the header that glibc keeps before a block. Not by malloc_usable_size, which follows it to the next block: this one may have been
// freed, its header be no more than what was there last, or its memory have gone back to the kernel.
std::size_t usable_size(std::uintptr_t start) {
  unsigned char resident = 0;
  const std::uintptr_t header = start - sizeof(std::size_t);
  if (::mincore(reinterpret_cast<void*>(header & ~(page_size - 1)), page_size, &resident) != 0) return 0;
  constexpr std::size_t flags = 7, own_mapping = 2;
  const std::size_t word = *reinterpret_cast<const std::size_t*>(header);
  const std::size_t overhead = (word & own_mapping) != 0 ? 2 * sizeof(std::size_t) : sizeof(std::size_t);
  return (word & ~flags) > overhead ? (word & ~flags) - overhead : 0;
}

}  // namespace

std::optional<heap_block> find_heap_block(std::uintptr_t address) {
  // The marker lies before the block. Blocks above this size were searched in vain: better no location than a second of silence.
  constexpr std::uintptr_t farthest = std::uintptr_t{1} << 30;
  if (!is_shadowed(address)) return std::nullopt;
  const std::uintptr_t granule = address & ~(granule_size - 1);
  for (std::uintptr_t at = granule - granule_size; granule - at < farthest && is_shadowed(at); at -= granule_size) {
    const tag_word t = load_tag(tag_address(at));
    if (!is_block_marker(t)) continue;
    heap_block b{};
    b.start = at + granule_size;
    const std::size_t usable = usable_size(b.start);
    if (address - b.start >= usable) return std::nullopt;
    const std::uint64_t slack = (t >> (stack_bits + goroutine_bits)) & slack_unknown;
    b.size = slack == slack_unknown ? usable : usable - slack;
    b.allocated_at = static_cast<stack_id>((t >> goroutine_bits) & ((1u << stack_bits) - 1));
    b.allocated_by = allocated_by(t);
    return b;
  }
  return std::nullopt;
}

bool begins_heap_block(std::uintptr_t address) {
  return address % granule_size == 0 && is_shadowed(address) && is_shadowed(address - granule_size) &&
         is_block_marker(load_tag(tag_address(address - granule_size)));
}

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

void* malloc(std::size_t n) {
  void* p = __libc_malloc(n);
  begin_life(p, n, __builtin_frame_address(0));
  return p;
}

void* calloc(std::size_t count, std::size_t n) {
  void* p = __libc_calloc(count, n);
  begin_life(p, count * n, __builtin_frame_address(0));
  return p;
}

void* realloc(void* old, std::size_t n) {
  end_life(old, __builtin_frame_address(0));
  void* p = __libc_realloc(old, n);
  begin_life(p, n, __builtin_frame_address(0));
  return p;
}

void* reallocarray(void* old, std::size_t count, std::size_t n) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, n, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  return realloc(old, bytes);
}

void free(void* p) {
  end_life(p, __builtin_frame_address(0));
  __libc_free(p);
}

void* memalign(std::size_t alignment, std::size_t n) {
  void* p = __libc_memalign(alignment, n);
  begin_life(p, n, __builtin_frame_address(0));
  return p;
}

void* aligned_alloc(std::size_t alignment, std::size_t n) { return memalign(alignment, n); }

int posix_memalign(void** out, std::size_t alignment, std::size_t n) {
  if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  void* p = memalign(alignment, n);
  if (p == nullptr) return ENOMEM;
  *out = p;
  return 0;
}

void* valloc(std::size_t n) { return memalign(4096, n); }

}  // extern "C"
