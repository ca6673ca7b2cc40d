#pragma once
// A persistent vector clock: chain id -> time, absent means 0. Copies share structure, so a release is O(1) and a million goroutines
// that know nearly the same cost nearly nothing each.
//
// Shape: leaves of 64 entries under 16-way inner nodes. Measured against 16- and 256-entry leaves: 16 is 2-3 times slower where everybody
// knows everybody, 256 twice as large where clocks are sparse. Rejected: dense vectors (4 TB for a million goroutines), tree clocks
// (fast joins, but each copy costs its size).
//
// Invariants: a node with more than one reference is never written. Height only grows; entries never shrink, but those of chains that
// chain_pool has forgotten are dropped: before it grows, a clock that has not seen the last forgetting (`seen_`) looks through itself.
// Thread-safety: one clock_trie value is used by one thread at a time; nodes are shared between threads (atomic counts).

#include <cstdint>
#include <utility>

namespace ravel::detector {

using chain_id = std::uint32_t;
using clock_time = std::uint32_t;

namespace trie {

constexpr std::uint32_t leaf_bits = 6, leaf_size = 1u << leaf_bits;
constexpr std::uint32_t inner_bits = 4, inner_size = 1u << inner_bits;

struct node { std::uint32_t references; };
struct leaf : node { clock_time time[leaf_size]; };
struct inner : node { node* child[inner_size]; };

constexpr std::uint32_t shift(std::uint32_t height) { return leaf_bits + inner_bits * (height - 1); }
constexpr std::uint64_t capacity(std::uint32_t height) { return std::uint64_t{1} << (leaf_bits + inner_bits * height); }

}  // namespace trie

class clock_trie {
 public:
  clock_trie() = default;
  clock_trie(const clock_trie& other) noexcept;
  clock_trie(clock_trie&& other) noexcept
      : root_(std::exchange(other.root_, nullptr)), height_(std::exchange(other.height_, 0u)), seen_(other.seen_) {}
  clock_trie& operator=(clock_trie other) noexcept {
    std::swap(root_, other.root_);
    std::swap(height_, other.height_);
    std::swap(seen_, other.seen_);
    return *this;
  }
  ~clock_trie() { clear(); }

  // Here, and always inlined: the first access to a granule in a segment asks it while instrumented code has all its registers in use.
  [[gnu::always_inline]] clock_time get(chain_id chain) const noexcept {
    if (root_ == nullptr || chain >= trie::capacity(height_)) return 0;
    const trie::node* n = static_cast<const trie::node*>(root_);
    for (std::uint32_t h = height_; h > 0; --h) {
      n = static_cast<const trie::inner*>(n)->child[(chain >> trie::shift(h)) & (trie::inner_size - 1)];
      if (n == nullptr) return 0;
    }
    return static_cast<const trie::leaf*>(n)->time[chain & (trie::leaf_size - 1)];
  }
  void raise(chain_id chain, clock_time time);  // entry := max(entry, time)
  void join(const clock_trie& other);           // every entry := max of both
  void clear() noexcept;

  bool same_as(const clock_trie& other) const noexcept { return root_ == other.root_; }
  bool empty() const noexcept { return root_ == nullptr; }

 private:
  void grow(chain_id chain);
  void drop_forgotten();

  void* root_ = nullptr;
  std::uint32_t height_ = 0;  // 0: root is a leaf
  std::uint16_t seen_ = 0;    // chain_pool::times_forgotten
};

}  // namespace ravel::detector
