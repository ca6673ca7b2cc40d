#include "detector/race/locate.hpp"

#include <dlfcn.h>

#include <cstring>
#include <vector>

#include "detector/race/goroutine_state.hpp"
#include "detector/race/heap.hpp"
#include "detector/shadow/goroutine_table.hpp"
#include "detector/shadow/stack_depot.hpp"
#include "runtime/hooks/services.hpp"

extern "C" void* __libc_stack_end;

namespace ravel::detector {

namespace {

bool is_ours(const char* function) {
  return std::strncmp(function, "ravel::", 7) == 0 || std::strncmp(function, "__ravel_", 8) == 0 || std::strncmp(function, "ravel_", 6) == 0;
}

// Callers of main and of a goroutine's function: nothing a reader could act on.
bool is_start_up(const char* function) {
  for (const char* name : {"__libc_start_main", "__libc_start_call_main", "_start", "start_thread", "clone3", "clone", "make_fcontext", "trampoline"}) {
    if (std::strncmp(function, name, std::strlen(name)) == 0) return true;
  }
  return false;
}

void add_frames(report::stack& out, std::uintptr_t return_address) {
  struct context { report::stack& out; std::uintptr_t address; } c{out, return_address - 1};
  hooks::symbolize(return_address - 1, &c, [](void* argument, const hooks::source_frame& f) {
    auto& [stack, address] = *static_cast<context*>(argument);
    if (is_ours(f.function) || is_start_up(f.function)) return;
    report::frame frame;
    frame.function = f.function;
    frame.file = f.file;
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

struct owner { std::uintptr_t address; goroutine_index index; std::uintptr_t low, high; };

bool find_stack_owner(owner& o) {
  for_each_goroutine(&o, [](void* argument, goroutine_state& g) {
    owner& wanted = *static_cast<owner*>(argument);
    if (wanted.address >= g.stack_low && wanted.address < g.stack_high) {
      wanted.index = g.index;
      wanted.low = g.stack_low;
      wanted.high = g.stack_high;
    }
  });
  return o.index != 0;
}

}  // namespace

report::stack readable_stack(stack_id id) {
  std::vector<std::uintptr_t> addresses(stack_depot::frames(id, nullptr, 0));
  stack_depot::frames(id, addresses.data(), addresses.size());
  report::stack out;
  for (std::uintptr_t a : addresses) add_frames(out, a);
  return out;
}

report::stack readable_stack(const ravel_site* site, stack_id callers) {
  report::stack out;
  for (const ravel_frame* f = site == nullptr ? nullptr : &site->where; f != nullptr; f = f->inlined_at) {
    if (is_ours(f->function)) continue;
    out.push_back({f->function, f->file, f->line, f->column, "", 0});
  }
  report::stack rest = readable_stack(callers);
  out.insert(out.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
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
  owner o{address, 0, 0, 0};
  if (find_stack_owner(o)) {
    where.kind = report::location_kind::stack;
    where.goroutine_id = goroutine_table::at(o.index).id;
    return where;
  }
  const auto main_end = reinterpret_cast<std::uintptr_t>(__libc_stack_end);
  if (address < main_end && main_end - address < (std::uintptr_t{8} << 20)) {
    where.kind = report::location_kind::stack;
    where.goroutine_id = 1;
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
