// promise::set_value_at_thread_exit and its like. libstdc++ makes the future ready when the thread ends, by an atomic store in the library,
// which is not instrumented: here it counts as the release that it is, on the address that the instrumented waiter acquires from.

#include <dlfcn.h>

#include <condition_variable>
#include <memory>

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"

namespace ravel::detector {

namespace {

// std::__future_base::_State_baseV2::_Make_ready, which is private: what to call at the end of the thread, and the state to make ready.
struct make_ready : std::__at_thread_exit_elt {
  std::weak_ptr<char> state;
};
// _State_baseV2: a virtual table, the result, the status.
constexpr std::size_t offset_of_status = 2 * sizeof(void*);

constinit void (*next_set)(void*) = nullptr;
constinit void (*run_by_library)(void*) = nullptr;

void run(void* element) {
  if (observed()) {
    const void* status = nullptr;
    {
      const inside_detector guard;
      if (const auto state = static_cast<make_ready*>(element)->state.lock()) status = state.get() + offset_of_status;
    }
    if (status != nullptr) merge_into(status, hooks::operation::atomic_store, __builtin_frame_address(0));
  }
  run_by_library(element);
}

}  // namespace

void find_future_functions() { next_set = reinterpret_cast<void (*)(void*)>(::dlsym(RTLD_NEXT, "_ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv")); }

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

// void std::__future_base::_State_baseV2::_Make_ready::_M_set(). Weak as in exceptions.cpp.
[[gnu::weak]] void ravel_interposed_make_ready(void* element) asm("_ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv");
void ravel_interposed_make_ready(void* element) {
  next_set(element);
  auto& e = *static_cast<make_ready*>(element);
  run_by_library = e._M_cb;
  e._M_cb = run;
}

}  // extern "C"
