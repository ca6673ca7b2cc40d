// Copies of one std::runtime_error or std::logic_error share its text by a count that libstdc++.so keeps: who destroys a copy has done
// reading it, and the last one frees the text after all of them.

#include <dlfcn.h>

#include <stdexcept>

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"

namespace ravel::detector {

namespace {

using destructor = void (*)(void*);

struct destructors {
  destructor in_place, deleting;
};
constinit destructors of_runtime_error{}, of_logic_error{};

// After the pointer to the virtual table.
const void* shared_text(const void* error) { return static_cast<void* const*>(error)[1]; }

void lets_go(const void* error, const void* frame) {
  if (!observed()) return;
  const void* text = shared_text(error);
  acquire_from(text);
  merge_into(text, hooks::operation::exception_release, frame);
}

destructor find(const char* name) { return reinterpret_cast<destructor>(::dlsym(RTLD_NEXT, name)); }

}  // namespace

void find_stdexcept_functions() {
  of_runtime_error = {find("_ZNSt13runtime_errorD1Ev"), find("_ZNSt13runtime_errorD0Ev")};
  of_logic_error = {find("_ZNSt11logic_errorD1Ev"), find("_ZNSt11logic_errorD0Ev")};
}

}  // namespace ravel::detector

using namespace ravel::detector;

// Weak, as libstdc++'s own are when they are linked into the program.
#define RAVEL_DESTRUCTOR(name, symbol, next)                            \
  extern "C" [[gnu::weak]] void name(void* error) noexcept asm(symbol); \
  extern "C" void name(void* error) noexcept {                          \
    lets_go(error, __builtin_frame_address(0));                         \
    next(error);                                                        \
  }
RAVEL_DESTRUCTOR(ravel_interposed_runtime_error_d2, "_ZNSt13runtime_errorD2Ev", of_runtime_error.in_place)
RAVEL_DESTRUCTOR(ravel_interposed_runtime_error_d1, "_ZNSt13runtime_errorD1Ev", of_runtime_error.in_place)
RAVEL_DESTRUCTOR(ravel_interposed_runtime_error_d0, "_ZNSt13runtime_errorD0Ev", of_runtime_error.deleting)
RAVEL_DESTRUCTOR(ravel_interposed_logic_error_d2, "_ZNSt11logic_errorD2Ev", of_logic_error.in_place)
RAVEL_DESTRUCTOR(ravel_interposed_logic_error_d1, "_ZNSt11logic_errorD1Ev", of_logic_error.in_place)
RAVEL_DESTRUCTOR(ravel_interposed_logic_error_d0, "_ZNSt11logic_errorD0Ev", of_logic_error.deleting)
#undef RAVEL_DESTRUCTOR
