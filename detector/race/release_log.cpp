#include "detector/race/release_log.hpp"

#include "detector/base/object_pool.hpp"

namespace ravel::detector {

void release_log::add(clock_time time, hooks::operation operation, stack_id stack) {
  const release_entry e{time, stack, operation};
  if (ring_ == nullptr && count_ < few) {
    first_[count_++] = e;
    return;
  }
  if (ring_ == nullptr) {
    ring_ = static_cast<ring*>(object_pool<ring>::allocate());
    for (std::uint32_t i = 0; i < few; ++i) ring_->entry[i] = first_[i];
  }
  ring_->entry[count_++ % most] = e;
}

void release_log::take_back() noexcept {
  --count_;
  if (ring_ != nullptr) ring_->entry[count_ % most].time = 0;  // what it replaced is forgotten
}

const release_entry* release_log::publisher_of(clock_time time) const noexcept {
  const std::uint32_t oldest = count_ > most ? count_ - most : 0;
  const release_entry* found = nullptr;
  for (std::uint32_t i = count_; i-- > oldest && at(i).time >= time;) {
    if (at(i).time == time) found = &at(i);
  }
  return found;
}

void release_log::clear() noexcept {
  if (ring_ != nullptr) object_pool<ring>::free(ring_);
  ring_ = nullptr;
  count_ = 0;
}

}  // namespace ravel::detector
