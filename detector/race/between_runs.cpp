#include "detector/race/between_runs.hpp"

#include <algorithm>

#include "detector/race/collector.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/shadow/history.hpp"
#include "detector/shadow/shadow_map.hpp"

namespace ravel::detector {

constinit growing_histories histories_of_runs{};

namespace {

bool is_list(tag_word t) { return t != 0 && !is_block_marker(t) && !names_point(t) && segment_table::of(t).head != 0; }

// A block that was freed stays so for those who still use it.
bool is_known(std::uint32_t head, const vector_clock& clock) {
  for (std::uint32_t i = head; i != 0; i = node_pool::at(i).next) {
    const access_record& r = node_pool::at(i).record;
    if (r.nature != access_nature::memory || !clock.knows(r.chain, r.time)) return false;
  }
  return true;
}

}  // namespace

void growing_histories::forget_what_is_known_to(const goroutine_state& root) noexcept {
  const bool alone = root.next == nullptr && root.previous == nullptr;
  for (std::size_t i = 0; i < count_ && alone; ++i) {
    const std::uintptr_t granule = ~noted_[i];
    recording_guard hold_off_collector;
    const held_block hold(block_word(granule));
    tag_word* const where = tag_address(granule);
    const tag_word tag = load_tag(where);
    if (!is_list(tag)) continue;
    const history_lists lists = lists_of(segment_table::of(tag).head);
    if (is_known(lists.writes, root.clock) && is_known(lists.reads, root.clock)) store_tag(where, 0);
  }
  std::fill(std::begin(lately_), std::end(lately_), 0);
  count_ = 0;
}

}  // namespace ravel::detector
