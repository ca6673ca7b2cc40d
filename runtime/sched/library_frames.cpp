#include "runtime/sched/library_frames.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <unwind.h>

#include <atomic>
#include <cstdint>
#include <cstring>

namespace ravel::sched {

namespace {

const void* main_frame = nullptr;

// The undefined symbols of an object come before those in its hash table.
bool refers_to_safepoints(const link_map& object) {
  const char* strings = nullptr;
  const ElfW(Sym)* symbols = nullptr;
  const std::uint32_t* hashes = nullptr;
  for (const ElfW(Dyn)* d = object.l_ld; d->d_tag != DT_NULL; ++d) {
    if (d->d_tag == DT_STRTAB) strings = reinterpret_cast<const char*>(d->d_un.d_ptr);
    if (d->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const ElfW(Sym)*>(d->d_un.d_ptr);
    if (d->d_tag == DT_GNU_HASH) hashes = reinterpret_cast<const std::uint32_t*>(d->d_un.d_ptr);
  }
  if (strings == nullptr || symbols == nullptr || hashes == nullptr) return false;
  for (std::uint32_t i = 1; i < hashes[1]; ++i) {
    if (std::strcmp(strings + symbols[i].st_name, "__ravel_yield_request") == 0) return true;
  }
  return false;
}

// What was found of the last objects asked about, by address: | object : 63 | has safepoints : 1 |. An object that is loaded where another
// was may be mistaken for it: then a goroutine yields later, or within a callback, as it would have without this file.
bool has_safepoints(const link_map& object) {
  static std::atomic<std::uintptr_t> known[64];
  const auto key = reinterpret_cast<std::uintptr_t>(&object);
  std::atomic<std::uintptr_t>& slot = known[key / alignof(link_map) % 64];
  const std::uintptr_t seen = slot.load(std::memory_order_relaxed);
  if ((seen & ~std::uintptr_t{1}) == key) return (seen & 1) != 0;
  const bool result = refers_to_safepoints(object);
  slot.store(key | (result ? 1 : 0), std::memory_order_relaxed);
  return result;
}

struct walk {
  const void* executable;  // where Ravel itself is: the program, as a rule
  int left = 256;          // frames: at most 0.1 ms in a time slice of ten
  bool found = false;
};

_Unwind_Reason_Code look_at(_Unwind_Context* frame, void* argument) {
  walk& w = *static_cast<walk*>(argument);
  if (main_frame != nullptr && _Unwind_GetCFA(frame) == reinterpret_cast<_Unwind_Word>(main_frame)) return _URC_END_OF_STACK;
  dl_find_object object;
  void* const at = reinterpret_cast<void*>(_Unwind_GetIP(frame));
  if (--w.left == 0) return _URC_END_OF_STACK;
  if (_dl_find_object(at, &object) != 0) w.found = at != nullptr;  // code made at run time
  else w.found = object.dlfo_map_start != w.executable && !has_safepoints(*object.dlfo_link_map);
  return w.found ? _URC_END_OF_STACK : _URC_NO_REASON;
}

}  // namespace

void main_begins_at(const void* frame) noexcept { main_frame = frame; }

bool library_on_stack() noexcept {
  dl_find_object own;
  if (_dl_find_object(reinterpret_cast<void*>(&library_on_stack), &own) != 0) return true;
  walk w{own.dlfo_map_start};
  _Unwind_Backtrace(look_at, &w);
  return w.found;
}

}  // namespace ravel::sched
