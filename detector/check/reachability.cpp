#include "detector/check/reachability.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

#include "detector/race/heap.hpp"
#include "detector/race/program_mappings.hpp"
#include "detector/race/resident_shadow.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "runtime/hooks/services.hpp"

namespace ravel::detector {

namespace {

constexpr std::size_t no_size = ~std::size_t{0};  // not asked for yet

// Where the first thread's variables lie.
std::uintptr_t main_thread = 0;
void note_main_thread(int, char**, char**) { main_thread = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer()); }
[[gnu::section(".preinit_array"), gnu::used]] void (*const start_reachability)(int, char**, char**) = note_main_thread;

std::string text_of_maps() {
  std::string text;
  const int file = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (file < 0) return text;
  char buffer[16384];
  for (ssize_t n = 0; (n = ::read(file, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  ::close(file);
  return text;
}

template <class Range>
Range* last_not_after(std::vector<Range>& all, std::uintptr_t address, std::uintptr_t (*low)(const Range&)) {
  const auto next = std::upper_bound(all.begin(), all.end(), address, [low](std::uintptr_t a, const Range& r) { return a < low(r); });
  return next == all.begin() ? nullptr : &*(next - 1);
}

// Variables of a thread lie below its thread pointer, the C library's own record of the thread above it; for all but the first thread both
// at the upper end of its stack. How much, which is the same for all threads.
struct thread_local_span { std::size_t below, above; };
thread_local_span span_of_thread_locals() {
  struct span { std::uintptr_t lowest; } s{0};
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* argument) {
        auto& lowest = static_cast<span*>(argument)->lowest;
        const auto start = reinterpret_cast<std::uintptr_t>(info->dlpi_tls_data);
        if (start != 0 && (lowest == 0 || start < lowest)) lowest = start;
        return 0;
      },
      &s);
  const auto thread = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
  // As the C library tells debuggers. Below the variables are frames, of earlier searches too, which must not be looked at.
  const auto* told = static_cast<const std::uint32_t*>(::dlsym(RTLD_DEFAULT, "_thread_db_sizeof_pthread"));
  const std::size_t record_of_thread = told != nullptr ? (std::size_t{*told} + 63) & ~std::size_t{63} : 8192;
  const bool near = s.lowest != 0 && s.lowest < thread && thread - s.lowest < (std::size_t{1} << 22);
  return {near ? thread - s.lowest : 0, record_of_thread};
}

// Null in a program linked statically, whose variables lie beside the C library's.
bool is_c_library(const dl_phdr_info& info) {
  static const auto inside = reinterpret_cast<std::uintptr_t>(::dlsym(RTLD_DEFAULT, "gnu_get_libc_version"));
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const auto& segment = info.dlpi_phdr[i];
    if (segment.p_type == PT_LOAD && inside - (info.dlpi_addr + segment.p_vaddr) < segment.p_memsz) return true;
  }
  return false;
}

}  // namespace

reachability::reachability(std::vector<stack> stacks) : stacks_(std::move(stacks)) {
  std::sort(stacks_.begin(), stacks_.end(), [](const stack& a, const stack& b) { return a.low < b.low; });
  hooks::visit_stack_memory(this, [](void* self, std::uintptr_t low, std::uintptr_t high) {
    static_cast<reachability*>(self)->stack_memory_.push_back({low, high});
  });
  find_mappings();
  find_blocks();
}

void reachability::find_mappings() {
  const std::string text = text_of_maps();
  complete_ = !text.empty();
  std::uintptr_t inaccessible_until = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    unsigned long low = 0, high = 0;
    char permissions[8] = "";
    int path = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %7s %*s %*s %*s %n", &low, &high, permissions, &path) < 3) continue;
    if (permissions[0] == '-') {
      inaccessible_until = high;
      continue;
    }
    if (permissions[0] != 'r' || permissions[1] != 'w' || !is_shadowed(low)) continue;
    const bool unnamed = static_cast<std::size_t>(path) >= line.size();
    mappings_.push_back({low, high});
    if (unnamed) unnamed_.push_back({low, high});
    if (unnamed && low == inaccessible_until) guarded_.push_back({low, high});
  }
}

void reachability::find_blocks() {
  for_each_resident_tag(this, [](void* self, tag_word t, std::uintptr_t granule) {
    if (is_block_marker(t) && !is_freed_block(t)) static_cast<reachability*>(self)->blocks_.push_back({granule + granule_size, no_size, false});
  });
  std::sort(blocks_.begin(), blocks_.end(), [](const block& a, const block& b) { return a.start < b.start; });
}

bool reachability::in_stack_memory(std::uintptr_t address) const {
  return std::any_of(stack_memory_.begin(), stack_memory_.end(), [&](const range& r) { return address >= r.low && address < r.high; });
}

const reachability::range* reachability::mapping_at(std::uintptr_t address) const {
  const auto next = std::upper_bound(mappings_.begin(), mappings_.end(), address, [](std::uintptr_t a, const range& r) { return a < r.low; });
  if (next == mappings_.begin()) return nullptr;
  const range& r = *(next - 1);
  return address < r.high ? &r : nullptr;
}

// The C library's arenas begin at multiples of 64 megabytes. Blocks in them are looked at one by one; the detector's own, this search's
// among them, not at all.
bool reachability::is_mallocs(range r) const {
  constexpr std::uintptr_t alignment_of_arenas = std::uintptr_t{64} << 20;
  if (r.low % alignment_of_arenas == 0) return true;
  const auto next = std::lower_bound(blocks_.begin(), blocks_.end(), r.low, [](const block& b, std::uintptr_t a) { return b.start < a; });
  return next != blocks_.end() && next->start < r.high;
}

void reachability::add_roots() {
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* self) {
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& segment = info->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) == 0) continue;
          const std::uintptr_t low = info->dlpi_addr + segment.p_vaddr;
          auto& r = *static_cast<reachability*>(self);
          r.add_memory(low, low + segment.p_memsz);
          if (is_c_library(*info)) r.c_library_ = {low, low + segment.p_memsz};
        }
        return 0;
      },
      this);
  const bool all_known = visit_program_mappings(this, [](void* self, mapped_range m) {
    auto& r = *static_cast<reachability*>(self);
    if (!r.in_stack_memory(m.low)) r.add_memory(m.low, m.high);
  });
  if (!all_known) complete_ = false;
  hooks::visit_pending_timers(this, [](void* self, const void* timer) {
    static_cast<reachability*>(self)->reach(reinterpret_cast<std::uintptr_t>(timer), 0);
  });
  // Thread-local variables: of threads at the upper end of their stacks, the first thread's in a small mapping that the loader made.
  const thread_local_span around = span_of_thread_locals();
  const std::size_t span = around.below + around.above;
  for (const range& r : unnamed_) {
    if (in_stack_memory(r.low) || is_mallocs(r)) continue;
    const bool guarded = std::any_of(guarded_.begin(), guarded_.end(), [&](const range& g) { return g.low == r.low; });
    if (guarded && r.high - r.low > span) {
      if (const auto mine = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer()); mine >= r.low && mine < r.high) {
        add_thread_locals(mine, around.below, r.high - mine);
      } else {
        add_memory(r.high - span, r.high);
      }
    }
    else if (!guarded && main_thread >= r.low && main_thread < r.high) {
      add_thread_locals(main_thread, around.below, around.above);
    }
  }
}

// But for the detector's notes of what was accessed last.
void reachability::add_thread_locals(std::uintptr_t thread, std::size_t below, std::size_t above) {
  const std::uintptr_t notes = thread + (reinterpret_cast<std::uintptr_t>(&this_thread) - reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer()));
  add_memory(thread - below, notes);
  add_memory(notes + sizeof this_thread, thread + above);
}

void reachability::add_memory(std::uintptr_t low, std::uintptr_t high) { to_read_.push_back({(low + 7) & ~std::uintptr_t{7}, high & ~std::uintptr_t{7}}); }

reachability::block* reachability::block_at(std::uintptr_t address) {
  block* b = last_not_after<block>(blocks_, address, [](const block& x) { return x.start; });
  if (b == nullptr) return nullptr;
  if (b->size == no_size) {
    const auto found = find_heap_block(b->start);
    // One that was free when the blocks were listed may have become this search's own since: then it says nothing any more.
    b->size = found && found->start == b->start ? found->size : 0;
  }
  return address - b->start < std::max<std::size_t>(b->size, 1) ? b : nullptr;
}

void reachability::reach(std::uintptr_t address, std::uintptr_t found_at) {
  if (!is_shadowed(address)) return;
  if (block* b = block_at(address)) {
    // A chunk of malloc's begins with the last word of the block before it (malloc.c, "boundary tag"): the bins and the top of the heap mean
    // the free chunk, not that block.
    if (address + sizeof(void*) == b->start + b->size && found_at >= c_library_.low && found_at < c_library_.high) return;
    if (!b->reached) {
      b->reached = true;
      add_memory(b->start, b->start + b->size);
    }
    return;
  }
  stack* s = last_not_after<stack>(stacks_, address, [](const stack& x) { return x.low; });
  // The scheduler may have kept where this one goes on, or where it began, in a register of the goroutine that it left for it.
  constexpr std::uintptr_t first_context = 64;
  if (s == nullptr || address >= s->high - first_context || address < s->inner || s->reached) return;
  s->reached = true;
  add_memory(s->low, s->high);
}

void reachability::read(range r) {
  while (r.low < r.high) {
    const range* m = mapping_at(r.low);
    if (m == nullptr) {
      const auto next = std::upper_bound(mappings_.begin(), mappings_.end(), r.low, [](std::uintptr_t a, const range& x) { return a < x.low; });
      if (next == mappings_.end()) return;
      r.low = next->low;
      continue;
    }
    const std::uintptr_t end = std::min(r.high, m->high);
    for (; r.low < end; r.low += 8) {
      std::uintptr_t word = 0;
      std::memcpy(&word, reinterpret_cast<const void*>(r.low), sizeof word);
      if (word != 0) reach(word, r.low);
    }
  }
}

void reachability::follow() {
  while (!to_read_.empty()) {
    const range r = to_read_.back();
    to_read_.pop_back();
    read(r);
  }
}

bool reachability::reaches(std::uintptr_t address) const {
  auto& self = const_cast<reachability&>(*this);
  if (const block* b = self.block_at(address)) return b->reached;
  if (const stack* s = last_not_after<stack>(self.stacks_, address, [](const stack& x) { return x.low; }); s != nullptr && address < s->high) {
    return s->reached;
  }
  return true;  // a global, or memory of unknown kind: anybody may get at it
}

}  // namespace ravel::detector
