#pragma once
// Objects shared by handles that users copy and the library drops, or the other way round. A std::shared_ptr will not do: the race detector sees
// the half of its counting that the user's code does, and takes the other half, and what the last holder destroys, for a race.

#include <atomic>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "config.hpp"

RAVEL_NAMESPACE_BEGIN
namespace detail {

class counted {
 public:
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;

 protected:
  counted() = default;
  virtual ~counted() = default;

 private:
  friend void retain(const counted* c) noexcept;
  friend void release(const counted* c) noexcept;
  mutable std::atomic<std::uint32_t> references_{1};
};

// What a holder did before release happens before the destruction.
void retain(const counted* c) noexcept;
void release(const counted* c) noexcept;

// T may be incomplete where handles are only copied and dropped.
template <class T>
class counted_ptr {
 public:
  constexpr counted_ptr() noexcept = default;
  explicit counted_ptr(T* made) noexcept : object_(made) {}  // takes over the reference it was made with
  counted_ptr(const counted_ptr& o) noexcept : object_(o.object_) { if (object_ != nullptr) retain(object_); }
  template <class U>
    requires std::is_convertible_v<U*, T*>
  explicit counted_ptr(const counted_ptr<U>& o) noexcept : object_(o.get()) { if (object_ != nullptr) retain(object_); }
  counted_ptr(counted_ptr&& o) noexcept : object_(std::exchange(o.object_, nullptr)) {}
  counted_ptr& operator=(counted_ptr o) noexcept {
    std::swap(object_, o.object_);
    return *this;
  }
  ~counted_ptr() { if (object_ != nullptr) release(object_); }

  T* get() const noexcept { return static_cast<T*>(object_); }
  T* operator->() const noexcept { return get(); }
  T& operator*() const noexcept { return *get(); }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  std::conditional_t<std::is_const_v<T>, const counted, counted>* object_ = nullptr;
};

}  // namespace detail
RAVEL_NAMESPACE_END
