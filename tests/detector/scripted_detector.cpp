#include "scripted_detector.hpp"

#include <sys/mman.h>

#include <cstdlib>

#include "detector/race/goroutine_state.hpp"
#include "detector/race/race_report.hpp"
#include "detector/race/record_access.hpp"
#include "detector/race/sync_events.hpp"
#include "detector/race/sync_object.hpp"
#include "detector/shadow/goroutine_table.hpp"
#include "detector/shadow/history.hpp"
#include "detector/shadow/lock_sets.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "detector/shadow/stack_depot.hpp"
#include "runtime/hooks/controlled.hpp"
#include "runtime/hooks/order.hpp"
#include "runtime/hooks/services.hpp"

namespace {
int races_seen = 0;
ravel::hooks::goroutine_view* running_view = nullptr;
std::uint64_t next_id = 1;
}  // namespace

namespace ravel::detector {

// The report room is not part of these tests: a race is counted.
void report_race(const pending_race&) { ++races_seen; }
std::size_t race_count() { return static_cast<std::size_t>(races_seen); }

}  // namespace ravel::detector

namespace ravel::hooks {
goroutine_view& current_goroutine() { return *running_view; }
bool in_controlled_run() noexcept { return false; }
std::uint32_t number_in_controlled_run(const goroutine_view&) noexcept { return 0; }
std::uintptr_t parked_frame_pointer(const goroutine_view&) noexcept { return 0; }

// There is no scheduler here, and so no controlled run.
namespace detail {
void* controlled_machine = nullptr;
std::atomic<order_keeper*> keeps_order{nullptr};
__thread std::uint64_t same_looks = 0;
__thread std::uint64_t least_place = 0;
void point(const step&, bool (*)(const void*), wait_reason) { std::abort(); }
void progressed() { std::abort(); }
}  // namespace detail
}  // namespace ravel::hooks

namespace ravel::test {

using namespace ravel::detector;

namespace {

constexpr ravel_site read_site[2]{{{"reader()", "script.cpp", 1, 1, nullptr}, "x", 0, 0}, {{"reader()", "script.cpp", 3, 1, nullptr}, "x", 0, 0}};
constexpr ravel_site write_site[2]{{{"writer()", "script.cpp", 2, 1, nullptr}, "x", 0, RAVEL_SITE_WRITE},
                                            {{"writer()", "script.cpp", 4, 1, nullptr}, "x", 0, RAVEL_SITE_WRITE}};

void start_once() {
  static const bool started = [] {
    map_shadow();
    choose_vector_saving();
    reserve_histories();
    stack_depot::reserve();
    goroutine_table::reserve();
    lock_sets::reserve();
    return true;
  }();
  (void)started;
}

}  // namespace

scripted_detector::scripted_detector() {
  start_once();
  void* p = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) std::abort();
  memory_ = reinterpret_cast<std::uintptr_t>(p);
  reset_shadow(memory_, 4096);
}

scripted_detector::~scripted_detector() {
  for (auto& g : goroutines_) {
    if (g.detector_state != nullptr) race_sink().ended(g);
  }
  for (auto& o : objects_) race_sink().destroyed(o);
  switch_away();
  ::munmap(reinterpret_cast<void*>(memory_), 4096);
}

hooks::goroutine_view& scripted_detector::run(int g) {
  hooks::goroutine_view& v = goroutines_[static_cast<std::size_t>(g)];
  if (running() != v.detector_state) {
    switch_away();
    race_sink().resumed(v);
  }
  running_view = &v;
  return v;
}

hooks::sync_object& scripted_detector::object(int o) {
  while (objects_.size() <= static_cast<std::size_t>(o)) objects_.emplace_back();
  return objects_[static_cast<std::size_t>(o)];
}

int scripted_detector::go(int parent, std::uintptr_t stack_low, std::uintptr_t stack_high) {
  hooks::goroutine_view* p = parent < 0 ? nullptr : &run(parent);
  hooks::goroutine_view& child = goroutines_.emplace_back();
  child.id = next_id++;
  child.stack_low = stack_low;
  child.stack_high = stack_high;
  race_sink().created(p, child);
  return static_cast<int>(goroutines_.size()) - 1;
}

void scripted_detector::end(int g) { race_sink().ended(run(g)); }

void scripted_detector::acquire(int g, int o) { race_sink().acquire(run(g), object(o), hooks::operation::mutex_lock); }
void scripted_detector::retaken(int g, int o) { race_sink().retaken(run(g), object(o)); }
void scripted_detector::release(int g, int o) { race_sink().release(run(g), object(o), hooks::operation::mutex_unlock); }
void scripted_detector::release_merge(int g, int o) { race_sink().release_merge(run(g), object(o), hooks::operation::wait_group_done); }
void scripted_detector::exchange(int g, int o) { race_sink().exchange(run(g), object(o), hooks::operation::chan_send); }
void scripted_detector::rendezvous(int a, int b) {
  hooks::goroutine_view& peer = goroutines_[static_cast<std::size_t>(b)];
  race_sink().rendezvous(run(a), peer, hooks::operation::chan_send);
}
void scripted_detector::handoff(int from, int to) {
  hooks::goroutine_view& peer = goroutines_[static_cast<std::size_t>(to)];
  race_sink().handoff(run(from), peer, hooks::operation::cond_signal);
}
void scripted_detector::forget(int o) { race_sink().forget(object(o)); }

bool scripted_detector::access(int g, std::uintptr_t address, std::size_t size, bool write, unsigned point) {
  run(g);
  const int before = races_seen;
  const void* p = reinterpret_cast<const void*>(address);
  const std::uint32_t offset = address & (granule_size - 1);
  if (size <= 8 && offset + size <= granule_size) {
    const byte_mask bytes = ((1u << size) - 1) << offset;
    if (already_recorded(load_tag(tag_address(address)), __ravel_current, bytes, write)) return false;
  }
  const ravel_site* site = write ? &write_site[point % 2] : &read_site[point % 2];
  const ravel_u64 context = 7 + point / 2 % 3;  // what one place did may go on where another's may not
  switch (size) {
    case 1: write ? __ravel_write1(p, site, context) : __ravel_read1(p, site, context); break;
    case 2: write ? __ravel_write2(p, site, context) : __ravel_read2(p, site, context); break;
    case 4: write ? __ravel_write4(p, site, context) : __ravel_read4(p, site, context); break;
    case 8: write ? __ravel_write8(p, site, context) : __ravel_read8(p, site, context); break;
    case 16: write ? __ravel_write16(p, site, context) : __ravel_read16(p, site, context); break;
    default: write ? __ravel_write_range(p, size, site, context) : __ravel_read_range(p, size, site, context); break;
  }
  return races_seen != before;
}

bool scripted_detector::atomic(int g, std::uintptr_t address, std::uint32_t size, std::uint32_t kind, std::uint32_t order, std::uint32_t failure,
                               bool succeeds) {
  run(g);
  const int before = races_seen;
  const void* p = reinterpret_cast<const void*>(address);
  const ravel_site* site = kind == RAVEL_ATOMIC_LOAD ? &read_site[0] : &write_site[0];
  if (kind == RAVEL_ATOMIC_LOAD && size <= 8) {
    __ravel_atomic_load(p, size, order, site, 7);
    return races_seen != before;
  }
  __ravel_atomic_begin(p, size, kind, order | failure << 4, site, 7);
  __ravel_atomic_end(p, size, kind, order | failure << 4, succeeds ? 1 : 0);
  return races_seen != before;
}

void scripted_detector::annotate_release(int g, std::uintptr_t address) {
  race_sink().annotate_release(run(g), reinterpret_cast<const void*>(address));
}

void scripted_detector::fence(int g, std::uint32_t order) {
  run(g);
  __ravel_fence(order);
}

void scripted_detector::reset(std::uintptr_t address, std::size_t size) { reset_shadow(address, size); }

bool scripted_detector::free(int g, std::uintptr_t address, std::size_t size) {
  run(g);
  const int before = races_seen;
  record_range(address, size, access_class::plain_write, access_nature::free, __builtin_frame_address(0));
  return races_seen != before;
}

void scripted_detector::allocate(std::uintptr_t address, std::size_t size) {
  reset_shadow(address, size);
  address_clocks::forget(address, address + size);
}

bool scripted_detector::marker(int g, std::uintptr_t object, hooks::marker m, bool write) {
  const int before = races_seen;
  const void* p = reinterpret_cast<const void*>(object);
  write ? race_sink().marker_write(run(g), p, m) : race_sink().marker_read(run(g), p, m);
  return races_seen != before;
}

void scripted_detector::lock_acquired(int g, int object_index, bool shared) {
  const auto op = shared ? hooks::operation::rw_mutex_rlock : hooks::operation::rw_mutex_lock;
  race_sink().lock_acquired(run(g), &object(object_index), shared ? hooks::lock_mode::shared : hooks::lock_mode::exclusive, op, true);
}
void scripted_detector::lock_released(int g, int object_index, bool shared) {
  race_sink().lock_released(run(g), &object(object_index), shared ? hooks::lock_mode::shared : hooks::lock_mode::exclusive);
}
void scripted_detector::transfer(int from, int to) { race_sink().transfer(object(from), object(to)); }

}  // namespace ravel::test
