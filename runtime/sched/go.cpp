// The public face of the scheduler: <ravel/go.hpp>, <ravel/race.hpp>, and what the detector may ask.

#include "runtime/include/ravel/go.hpp"

#include "runtime/hooks/controlled.hpp"
#include "runtime/hooks/hooks.hpp"
#include "runtime/hooks/order.hpp"
#include "runtime/include/ravel/race.hpp"
#include "runtime/sched/scheduler.hpp"

extern "C" const char RAVEL_LINK_MARKER = 1;

namespace ravel { inline namespace RAVEL_VARIANT {

namespace detail {
unborn new_goroutine(const go_options& options, std::size_t size, std::size_t alignment) {
  sched::current();
  RAVEL_POINT(spawn, nothing, nullptr);
  hooks::took_alone(hooks::op::spawn);
  sched::goroutine& g = sched::new_goroutine(options);
  try {
    return {&g, sched::place_for_work(g, size, alignment)};
  } catch (...) {
    sched::drop_goroutine(g);
    throw;
  }
}
void start_goroutine(const unborn& u, closure* c) { sched::begin_goroutine(*static_cast<sched::goroutine*>(u.goroutine), c, &sched::current()); }
void drop_goroutine(const unborn& u) noexcept { sched::drop_goroutine(*static_cast<sched::goroutine*>(u.goroutine)); }
void run_blocking(void (*f)(void*), void* argument) { sched::run_blocking(f, argument); }
}  // namespace detail

void yield() { sched::yield_now(); }
void goexit() { sched::exit_goroutine(); }
std::uint64_t this_goroutine_id() { return sched::current().id; }

int num_goroutine() {
  sched::current();
  return sched::count_goroutines();
}

namespace detail {
bool goexit_in_flight() noexcept { return sched::goexit_in_flight(); }
}  // namespace detail

int gomaxprocs(int n) { return n > 0 ? sched::set_processors(n) : sched::processors(); }

#if RAVEL_RACE
namespace race {
void acquire(const void* address) { hooks::sink().annotate_acquire(sched::current(), address); }
void release(const void* address) { hooks::sink().annotate_release(sched::current(), address); }
void release_merge(const void* address) { hooks::sink().annotate_release_merge(sched::current(), address); }
void read(const void* address, std::size_t n) { hooks::sink().annotate_read(sched::current(), address, n); }
void write(const void* address, std::size_t n) { hooks::sink().annotate_write(sched::current(), address, n); }
ignore_scope::ignore_scope() { hooks::sink().ignore_begin(sched::current()); }
ignore_scope::~ignore_scope() { hooks::sink().ignore_end(sched::current()); }
std::size_t errors() { return hooks::sink().races_reported(); }
}  // namespace race
#endif

} }

namespace ravel::hooks {

namespace detail {
constinit event_sink* installed = nullptr;
constinit std::atomic<order_keeper*> keeps_order{nullptr};
__thread std::uint64_t same_looks = 0;
__thread std::uint64_t least_place = 0;
}
void set_event_sink(event_sink& sink) { detail::installed = &sink; }
goroutine_view& current_goroutine() { return sched::current(); }
goroutine_view* current_goroutine_if_any() { return sched::current_if_any(); }

std::uintptr_t parked_frame_pointer(const goroutine_view& view) noexcept {
  const auto& g = static_cast<const sched::goroutine&>(view);
  const sched::status s = g.state.load(std::memory_order_acquire);
  if (g.foreign || (s != sched::status::waiting && s != sched::status::runnable)) return 0;
  return sched::frame_pointer_of(g.saved);
}

}  // namespace ravel::hooks
