#include "detector/race/locate.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "detector/base/spin_lock.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/race/heap.hpp"
#include "detector/race/stack_frame.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/report/names.hpp"
#include "detector/shadow/goroutine_table.hpp"
#include "detector/shadow/stack_depot.hpp"
#include "runtime/hooks/services.hpp"

extern "C" void* __libc_stack_end;
extern "C" const char __executable_start, etext;  // the linker's

namespace ravel::detector {

namespace {

// The body of a RAVEL_TEST (<ravel/gtest.hpp>), and what is written in it, is the user's.
bool is_ours(std::string_view function) {
  if (function.starts_with("ravel_body_of_")) return false;
  return function.starts_with("ravel::") || function.starts_with("__ravel_") || function.starts_with("ravel_");
}

// Functions that stand before the C library's: the library's own frame says the same.
bool is_interposed(const char* file) { return std::strstr(file, "/detector/race/interposed/") != nullptr; }

// Callers of main and of a goroutine's function: nothing a reader could act on.
bool is_start_up(const char* function) {
  for (const char* name : {"__libc_start_main", "__libc_start_call_main", "_start", "start_thread", "clone3", "clone", "make_fcontext", "trampoline",
                           "call_init", "_dl_init", "_dl_start_user"}) {
    if (std::strncmp(function, name, std::strlen(name)) == 0) return true;
  }
  return false;
}

void symbolize_frames(report::stack& out, std::uintptr_t return_address) {
  struct context { report::stack& out; std::uintptr_t address; } c{out, return_address - 1};
  hooks::symbolize(return_address - 1, &c, [](void* argument, const hooks::source_frame& f) {
    auto& [stack, address] = *static_cast<context*>(argument);
    report::frame frame;
    frame.function = report::short_name(f.function);
    if (is_ours(frame.function) || is_start_up(f.function) || is_interposed(f.file)) return;
    frame.file = std::filesystem::path(f.file).lexically_normal().string();
    frame.line = static_cast<std::uint32_t>(f.line);
    if (f.line == 0) {
      Dl_info info{};
      if (::dladdr(reinterpret_cast<void*>(address), &info) != 0 && info.dli_fname != nullptr) {
        frame.module = info.dli_fname;
        frame.offset = address - reinterpret_cast<std::uintptr_t>(info.dli_fbase);
      }
    }
    stack.push_back(std::move(frame));
  });
}

// The program's own code stays where it is, a library's may be unloaded.
bool is_programs_own(std::uintptr_t address) {
  return address >= reinterpret_cast<std::uintptr_t>(&__executable_start) && address < reinterpret_cast<std::uintptr_t>(&etext);
}

// Remembered: making a failure simpler tells the same findings thousands of times.
void add_frames(report::stack& out, std::uintptr_t return_address) {
  if (!is_programs_own(return_address)) return symbolize_frames(out, return_address);
  static constinit spin_lock lock;  // guards known
  static auto& known = *new std::unordered_map<std::uintptr_t, report::stack>;
  const inside_detector guard;
  {
    const locked hold(lock);
    if (const auto at = known.find(return_address); at != known.end()) {
      out.insert(out.end(), at->second.begin(), at->second.end());
      return;
    }
  }
  report::stack frames;
  symbolize_frames(frames, return_address);
  out.insert(out.end(), frames.begin(), frames.end());
  const locked hold(lock);
  known.emplace(return_address, std::move(frames));
}

struct owner {
  std::uintptr_t address;
  goroutine_index index;  // 0: nobody's
  std::optional<stack_frame> frame;
};

// Of main, whose bounds change as its stack grows, as much as it may have by default. The first goroutine of a controlled run is called 1 too, and
// has a stack like others.
bool is_on_stack_of(const goroutine_state& g, std::uintptr_t address, std::uintptr_t& low, std::uintptr_t& high) {
  low = g.stack_low;
  high = g.stack_high;
  if ((address < low || address >= high) && goroutine_table::at(g.index).id == 1) {
    high = reinterpret_cast<std::uintptr_t>(__libc_stack_end);
    low = high - (std::uintptr_t{8} << 20);
  }
  return address >= low && address < high;
}

owner find_stack_owner(std::uintptr_t address) {
  owner o{address, 0, std::nullopt};
  for_each_goroutine(&o, [](void* argument, goroutine_state& g) {
    owner& wanted = *static_cast<owner*>(argument);
    std::uintptr_t low = 0, high = 0;
    if (!is_on_stack_of(g, wanted.address, low, high)) return;
    wanted.index = g.index;
    wanted.frame = find_stack_frame(wanted.address, g, low, high);
  });
  return o;
}

// What called the function of a goroutine or thread is std::invoke and its like: no choice of the user's.
void drop_library_callers(report::stack& s) {
  const auto is_users = [](const report::frame& f) { return f.line != 0 && !report::is_library_frame(f); };
  const auto outermost = std::find_if(s.rbegin(), s.rend(), is_users);
  if (outermost != s.rend()) s.erase(outermost.base(), s.end());
}

// operator new, malloc and other functions without source that called the detector.
void drop_unknown_callees(report::stack& s) {
  const auto innermost = std::find_if(s.begin(), s.end(), [](const report::frame& f) { return f.line != 0; });
  if (innermost != s.end()) s.erase(s.begin(), innermost);
}

report::stack all_frames(stack_id id) {
  std::vector<std::uintptr_t> addresses(stack_depot::frames(id, nullptr, 0));
  stack_depot::frames(id, addresses.data(), addresses.size());
  report::stack out;
  for (std::uintptr_t a : addresses) add_frames(out, a);
  return out;
}

}  // namespace

report::stack readable_stack(stack_id id) {
  report::stack out = all_frames(id);
  drop_unknown_callees(out);
  drop_library_callers(out);
  return out;
}

report::stack readable_stack(const ravel_site* site, stack_id callers) {
  report::stack out;
  for (const ravel_frame* f = site == nullptr ? nullptr : &site->where; f != nullptr; f = f->inlined_at) {
    if (is_ours(f->function)) continue;
    out.push_back({report::short_name(f->function), f->file, f->line, f->column, "", 0});
  }
  report::stack rest = all_frames(callers);
  out.insert(out.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
  drop_library_callers(out);
  return out;
}

report::location locate(std::uintptr_t address, access_nature nature) {
  report::location where;
  where.start = address;
  if (nature == access_nature::channel_send || nature == access_nature::channel_close) {
    where.kind = report::location_kind::channel;
    return where;
  }
  if (nature == access_nature::wait_group_add || nature == access_nature::wait_group_wait) {
    where.kind = report::location_kind::wait_group;
    return where;
  }
  if (const owner o = find_stack_owner(address); o.index != 0) {
    where.kind = report::location_kind::stack;
    where.goroutine_id = goroutine_table::at(o.index).id;
    if (o.frame) {
      report::stack frames;
      add_frames(frames, o.frame->goes_on_at);
      if (!frames.empty()) where.name = frames.back().function;  // the others were inlined into it
      where.size = o.frame->size;
      where.offset = o.frame->offset;
    }
    return where;
  }
  hooks::data_symbol symbol{};
  if (hooks::symbolize_data(address, symbol)) {
    where.kind = report::location_kind::global;
    where.name = symbol.name;
    where.start = symbol.start;
    where.size = symbol.size;
    where.offset = address - symbol.start;
    return where;
  }
  if (const auto block = find_heap_block(address)) {
    where.kind = report::location_kind::heap;
    where.start = block->start;
    where.size = block->size;
    where.offset = address - block->start;
    where.allocated_at = readable_stack(block->allocated_at);
    if (block->allocated_by != 0) where.goroutine_id = goroutine_table::at(block->allocated_by).id;
  }
  return where;
}

}  // namespace ravel::detector
