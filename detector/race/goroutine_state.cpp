#include "detector/race/goroutine_state.hpp"

#include <link.h>

#include <new>

#include "detector/base/object_pool.hpp"
#include "detector/base/reserved_memory.hpp"
#include "detector/clock/chain_pool.hpp"
#include "detector/race/calling_context.hpp"
#include "detector/race/thread_record.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/shadow/goroutine_table.hpp"
#include "detector/shadow/history.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "runtime/hooks/controlled.hpp"
#include "runtime/hooks/services.hpp"

__thread ravel_u64 __ravel_current = ravel::detector::current_word(ravel::detector::no_segment);
__thread ravel_u64 __ravel_context = 0;

namespace ravel::detector {

__thread thread_state this_thread;

namespace {

constinit spin_lock live_lock;
constinit goroutine_state* first_live = nullptr;

// Where all goroutines begin, so none of main's paths.
constexpr std::uint64_t goroutine_context = 0xD1B54A32D192ED03ull;

void link(goroutine_state& g) {
  locked hold(live_lock);
  g.next = first_live;
  if (first_live != nullptr) first_live->previous = &g;
  first_live = &g;
}

void unlink(goroutine_state& g) {
  locked hold(live_lock);
  (g.previous != nullptr ? g.previous->next : first_live) = g.next;
  if (g.next != nullptr) g.next->previous = g.previous;
}

// To be first read is to get the kernel's page of zeros, and the first write then takes that back from every processor, with an
// interrupt each: a goroutine's first check would cost ten times what making it does. So its block words and the tags of its first frames are
// written before anybody reads them, in a way that changes nothing.
void write_first(std::uintptr_t low, std::uintptr_t high) {
  if (!is_shadowed(low) || !is_shadowed(high - 1)) return;
  std::uint32_t* const top = block_word(high - 1);
  const std::uint32_t word = __atomic_fetch_or(top, 0, __ATOMIC_RELAXED);
  if ((word & block_has_tags) == 0) __atomic_fetch_or(tag_address(high - 1), 0, __ATOMIC_RELAXED);
  std::uint32_t* const bottom = block_word(low);
  if (reinterpret_cast<std::uintptr_t>(bottom) / page_size != reinterpret_cast<std::uintptr_t>(top) / page_size) {
    __atomic_fetch_or(bottom, 0, __ATOMIC_RELAXED);
  }
}

// A stack that was another's before. Of a thread's, its thread-local variables are part. A goroutine's is small and was hardly used: to
// give the pages of its tags back and take them anew would cost more than everything else in making a goroutine.
void reset_stack(const hooks::goroutine_view& view) {
  constexpr std::size_t small = 1 << 20;
  const std::uintptr_t low = view.stack_low, high = view.stack_high;
  const std::uintptr_t first = (low + block_size - 1) & ~(block_size - 1), last = high & ~(block_size - 1);
  if (high - low > small || first >= last) {
    reset_shadow(low, high - low);
    return;
  }
  write_first(low, high);
  reset_shadow(low, first - low);
  reset_sparse_shadow(first, last - first);
  reset_shadow(last, high - last);
}

// What the program had when it started is one block below the thread's own record, by the ABI; what was loaded later lies anywhere.
// The block may have been that of a thread that ended.
void find_thread_locals() noexcept {
  if (this_thread.thread != nullptr) return;
  struct bounds { std::uintptr_t low, high; } b{};
  b.low = b.high = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* argument) {
        constexpr std::uintptr_t most = std::uintptr_t{1} << 24;
        auto& found = *static_cast<bounds*>(argument);
        const auto start = reinterpret_cast<std::uintptr_t>(info->dlpi_tls_data);
        if (start < found.low && found.high - start < most) found.low = start;
        return 0;
      },
      &b);
  this_thread.locals = b.low;
  this_thread.locals_size = b.high - b.low;
  reset_shadow(this_thread.locals, this_thread.locals_size);
}

void show_on_this_thread(goroutine_state& g) noexcept {
  __ravel_current = current_word(g.segment.load(std::memory_order_relaxed));
  this_thread.self_locks = g.locks;
  this_thread.ignoring = g.ignore_depth != 0;
}

}  // namespace

goroutine_state& adopted() {
  inside_detector guard;
  hooks::current_goroutine();  // tells the sink of it, which claims the thread
  RAVEL_INVARIANT(this_thread.self != nullptr);
  return *this_thread.self;
}

goroutine_state& create_goroutine_state(hooks::goroutine_view* parent_view, hooks::goroutine_view& view) {
  auto& g = *::new (object_pool<goroutine_state>::allocate()) goroutine_state;
  goroutine_state* parent = parent_view == nullptr ? nullptr : &state_of_view(*parent_view);
  if (parent == nullptr && this_thread.thread != nullptr && !this_thread.is_born) {
    thread_record& r = *this_thread.thread;
    this_thread.is_born = true;
    g.clock = static_cast<vector_clock&&>(r.birth);
    g.index = goroutine_table::add(view.id, r.creator_id, r.created_at, view.name, g.clock.chain());
  } else if (parent == nullptr) {
    const chain_start s = chain_pool().fresh();
    g.clock.start(s.chain, s.first);
    g.index = goroutine_table::add(view.id, 0, 0, view.name, g.clock.chain());
  } else {
    const stack_id stack = stack_of_event(__builtin_frame_address(0));
    g.number_in_run = hooks::number_in_controlled_run(view);
    const chain_start s =
        g.number_in_run != 0 ? chain_pool().for_numbered_child_of(parent->clock, g.number_in_run) : chain_pool().for_child_of(parent->clock);
    parent->releases.add(parent->clock.time(), hooks::operation::go, stack);
    g.clock.start_child(s.chain, s.first, parent->clock);
    end_segment(*parent);
    g.context = goroutine_context;
    g.index = goroutine_table::add(view.id, parent_view->id, stack, view.name, g.clock.chain());
  }
  g.stack_low = view.stack_low;
  g.stack_high = view.stack_high;
  reset_stack(view);
  view.detector_state = &g;
  g.view = &view;
  link(g);
  return g;
}

void destroy_goroutine_state(goroutine_state& g) {
  unlink(g);
  goroutine_table::finish(g.index, collections.load(std::memory_order_relaxed));
  const bool ends_thread = this_thread.self == &g && this_thread.thread != nullptr;
  if (ends_thread) {
    thread_ends(*this_thread.thread, g.clock);
    this_thread.thread = nullptr;
  }
  if (g.number_in_run != 0) chain_pool().retire_numbered(g.clock, g.last_recorded, g.number_in_run);
  else chain_pool().retire(g.clock, g.last_recorded);
  if (this_thread.self == &g) switch_away();
  g.releases.clear();
  g.~goroutine_state();
  object_pool<goroutine_state>::free(&g);
  if (ends_thread) give_back_thread_caches();
}

void switch_to(goroutine_state& g) noexcept {
  this_thread.self = &g;
  this_thread.scheduling = false;
  if (this_thread.locals_size == 0) find_thread_locals();
  __ravel_context = g.context;
  show_on_this_thread(g);
}

void switch_away() noexcept {
  if (this_thread.self != nullptr) this_thread.self->context = __ravel_context;
  this_thread.self = nullptr;
  this_thread.self_locks = 0;
  this_thread.ignoring = true;
  this_thread.scheduling = true;
  __ravel_current = current_word(no_segment);
}

void end_segment(goroutine_state& g) noexcept {
  g.undoable.to = nullptr;
  g.segment.store(no_segment, std::memory_order_release);
  if (this_thread.self == &g) __ravel_current = current_word(no_segment);
}

void resume_segment(goroutine_state& g, segment_id s) noexcept {
  g.segment.store(s, std::memory_order_release);
  if (this_thread.self == &g) __ravel_current = current_word(s);
}

void for_each_goroutine(void* context, void (*visit)(void* context, goroutine_state& g)) {
  locked hold(live_lock);
  for (goroutine_state* g = first_live; g != nullptr; g = g->next) visit(context, *g);
}

}  // namespace ravel::detector
