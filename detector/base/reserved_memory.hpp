#pragma once
#include <cstddef>
#include <cstdint>

namespace ravel::detector {

// Address space without memory behind it: pages appear, zeroed, when touched. Never fails silently: without the address space the
// detector cannot work, and environment_failed says so.
void* reserve_memory(std::size_t bytes);
void reserve_memory_at(std::uintptr_t address, std::size_t bytes);  // refuses to replace what is there

// Gives the pages back; they read as zero afterwards. [start, start + bytes) must be page-aligned.
void discard_memory(void* start, std::size_t bytes);

inline constexpr std::size_t page_size = 4096;

// An array of trivially constructible T indexed by 32-bit ids, at a fixed address for ever, zero-filled, committed by touch.
template <class T>
class reserved_array {
 public:
  void reserve(std::size_t count) { base_ = static_cast<T*>(reserve_memory(count * sizeof(T))); count_ = count; }
  [[gnu::always_inline]] T& operator[](std::size_t i) const { return base_[i]; }
  std::size_t capacity() const { return count_; }
  T* data() const { return base_; }

 private:
  T* base_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace ravel::detector
