#include "detector/race/race_report.hpp"

#include <link.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <compare>
#include <cstring>
#include <iostream>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "detector/race/goroutine_state.hpp"
#include "detector/race/locate.hpp"
#include "detector/race/why_unordered.hpp"
#include "detector/report/names.hpp"
#include "detector/report/sink.hpp"
#include "detector/shadow/goroutine_table.hpp"
#include "detector/shadow/lock_sets.hpp"
#include "runtime/hooks/access_points.hpp"

namespace ravel::detector {

namespace {

report::access_kind readable_kind(const access_record& r) {
  switch (r.nature) {
    case access_nature::memory: break;
    case access_nature::free: return report::access_kind::free;
    case access_nature::channel_send: return report::access_kind::channel_send;
    case access_nature::channel_close: return report::access_kind::channel_close;
    case access_nature::wait_group_add: return report::access_kind::wait_group_add;
    case access_nature::wait_group_wait: return report::access_kind::wait_group_wait;
  }
  switch (r.kind) {
    case access_class::plain_write: return report::access_kind::write;
    case access_class::atomic_write: return report::access_kind::atomic_write;
    case access_class::plain_read: return report::access_kind::read;
    case access_class::atomic_read: return report::access_kind::atomic_read;
  }
  __builtin_unreachable();
}

// The standard library's locks are the C library's: which it was shows in who took it.
const char* kind_of_lock(hooks::operation taken_by, const report::stack& at) {
  const bool by_library = !at.empty() && report::is_library_frame(at.front());
  switch (taken_by) {
    case hooks::operation::rw_mutex_lock:
    case hooks::operation::rw_mutex_rlock: return "rw_mutex";
    case hooks::operation::thread_mutex_lock: return by_library ? "std::mutex" : "pthread mutex";
    case hooks::operation::thread_rwlock_lock:
    case hooks::operation::thread_rwlock_rlock: return by_library ? "std::shared_mutex" : "pthread rwlock";
    case hooks::operation::thread_spin_lock: return "pthread spin lock";
    default: return "mutex";
  }
}

}  // namespace

report::goroutine readable_goroutine(goroutine_index index) {
  const goroutine_record& r = goroutine_table::at(index);
  report::goroutine g;
  g.id = r.id;
  g.name = r.name;
  g.running = !r.finished;
  g.created_by = r.parent_id;
  g.created_at = readable_stack(r.created_at);
  return g;
}

std::vector<report::held_lock> readable_locks(lock_set_id id) {
  std::vector<report::held_lock> out;
  for (; id != 0; id = lock_sets::at(id).others) {
    const held_lock_record& r = lock_sets::at(id);
    report::held_lock l;
    l.address = reinterpret_cast<std::uintptr_t>(r.lock);
    l.shared = r.shared;
    const auto op = static_cast<hooks::operation>(r.operation);
    l.acquired_at = readable_stack(r.acquired_at);
    l.kind = kind_of_lock(op, l.acquired_at);
    out.push_back(std::move(l));
  }
  return out;
}

std::string program_path() {
  char path[PATH_MAX];
  const ssize_t n = ::readlink("/proc/self/exe", path, sizeof path);
  return n > 0 ? std::string(path, static_cast<std::size_t>(n)) : std::string();
}

namespace {

report::access readable_access(const access_record& r, std::uintptr_t address, std::uint32_t size) {
  report::access a;
  a.kind = readable_kind(r);
  a.address = address;
  a.size = r.site != nullptr && r.site->size != 0 ? r.site->size : size;
  if (r.site != nullptr && r.site->variable != nullptr) a.variable = r.site->variable;
  a.by = readable_goroutine(r.goroutine);
  a.at = readable_stack(r.site, r.stack);
  a.locks = readable_locks(r.locks);
  return a;
}

// Where the previous access began: it may have touched other bytes of the granule than the present one.
std::uintptr_t address_of_previous(const pending_race& race) {
  const std::uintptr_t granule = race.address & ~(granule_size - 1);
  return granule + static_cast<std::uintptr_t>(__builtin_ctz(race.previous.bytes));
}

// A thread's thread-local variables are used by all goroutines that it runs, one at a time: they may differ, and never race. Only when both
// accesses are their own thread's: another's came by pointer. Of a variable that was loaded later it is not known who made the other one.
bool took_turns_on_thread_local(const pending_race& race) {
  if (this_thread.thread != nullptr) return false;  // a thread of the program has one goroutine
  if (is_thread_local(race.address)) return race.previous.own_thread_local;
  struct search { std::uintptr_t address; bool found; } s{race.address, false};
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* argument) {
        auto& wanted = *static_cast<search*>(argument);
        const auto start = reinterpret_cast<std::uintptr_t>(info->dlpi_tls_data);
        for (int i = 0; start != 0 && i < info->dlpi_phnum; ++i) {
          if (info->dlpi_phdr[i].p_type == PT_TLS && wanted.address - start < info->dlpi_phdr[i].p_memsz) wanted.found = true;
        }
        return wanted.found ? 1 : 0;
      },
      &s);
  return s.found;
}

// "Concurrent access to a synchronized standard iostream object's [...] functions [...] does not result in a data race", [iostream.objects];
// libstdc++ keeps that promise by accesses that are races in themselves, some of them inlined into the program.
bool in_standard_stream(std::uintptr_t address) {
  const auto within = [address](const auto& stream) { return address - reinterpret_cast<std::uintptr_t>(&stream) < sizeof stream; };
  return within(std::cout) || within(std::cerr) || within(std::clog) || within(std::cin) ||
         within(std::wcout) || within(std::wcerr) || within(std::wclog) || within(std::wcin);
}

// A race in a loop comes again and again; what a report costs, symbols above all, is paid once for each pair of places. The sink compares
// lines of the source too, which is dearer and joins more.
bool is_new_pair(const pending_race& race) {
  struct place {
    const ravel_site* site;
    stack_id stack;
    access_nature nature;
    auto operator<=>(const place&) const = default;
    bool known() const { return site != nullptr || stack != 0; }
  };
  struct pairs {  // on the heap and never freed: races are reported until the very end
    std::mutex lock;
    std::set<std::pair<place, place>> seen;
  };
  static pairs& all = *new pairs;
  place a{race.current.site, race.current.stack, race.current.nature}, b{race.previous.site, race.previous.stack, race.previous.nature};
  if (!a.known() || !b.known()) return true;
  if (b < a) std::swap(a, b);
  const std::lock_guard hold(all.lock);
  return all.seen.emplace(a, b).second;
}

}  // namespace

void report_race(const pending_race& race) {
  if (took_turns_on_thread_local(race) || in_standard_stream(race.address) || (!report::listened_to() && !is_new_pair(race))) return;
  const std::uintptr_t previous_address = address_of_previous(race);
  hooks::points_at_accesses.note(race.current.site);
  hooks::points_at_accesses.note(race.previous.site);
  report::finding f;
  f.data_race.current = readable_access(race.current, race.address, race.size);
  f.data_race.previous =
      readable_access(race.previous, previous_address, static_cast<std::uint32_t>(__builtin_popcount(race.previous.bytes)));
  f.data_race.where = locate(race.address, race.current.nature != access_nature::memory ? race.current.nature : race.previous.nature);
  reason why = why_unordered(race.current, race.previous);
  f.data_race.why_unordered = std::move(why.sentence);
  f.data_race.last_known = std::move(why.last_known);
  f.program = program_path();
  report::submit(f);
}

std::size_t race_count() { return report::submitted(); }

void finish_reports() { report::finish(); }

}  // namespace ravel::detector
