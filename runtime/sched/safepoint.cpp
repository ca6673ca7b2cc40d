#include "runtime/sched/safepoint.hpp"

#include <cpuid.h>
#include <signal.h>

#include <cerrno>

#include "runtime/abi/ravel_abi.h"
#include "runtime/sched/controlled.hpp"
#include "runtime/sched/library_frames.hpp"
#include "runtime/sched/machine.hpp"

__thread ravel_u32 __ravel_yield_request = 0;

extern "C" {
[[gnu::visibility("hidden")]] unsigned ravel_saved_components = 0;
[[gnu::visibility("hidden")]] void ravel_yield_at_safepoint() noexcept;
}

// Keeps every register, as the convention of the entry point demands: what is in vectors now may be in use, and the goroutine may go on
// on another thread after others have run there. XSAVE of x87, SSE, AVX and AVX-512 (components 0xE7) takes at most 2,688 bytes.
asm(R"(
  .text
  .p2align 4
  .globl __ravel_safepoint
  .type __ravel_safepoint, @function
__ravel_safepoint:
  .cfi_startproc
  pushq %rbp
  .cfi_def_cfa_offset 16
  .cfi_offset %rbp, -16
  movq %rsp, %rbp
  .cfi_def_cfa_register %rbp
  pushq %rax
  pushq %rcx
  pushq %rdx
  pushq %rsi
  pushq %rdi
  pushq %r8
  pushq %r9
  pushq %r10
  pushq %r11
  cld
  subq $2816, %rsp
  andq $-64, %rsp
  movl ravel_saved_components(%rip), %eax
  testl %eax, %eax
  je 1f
  xorl %edx, %edx
  movq %rdx, 512(%rsp)
  movq %rdx, 520(%rsp)
  movq %rdx, 528(%rsp)
  movq %rdx, 536(%rsp)
  movq %rdx, 544(%rsp)
  movq %rdx, 552(%rsp)
  movq %rdx, 560(%rsp)
  movq %rdx, 568(%rsp)
  xsave64 (%rsp)
  callq ravel_yield_at_safepoint
  movl ravel_saved_components(%rip), %eax
  xorl %edx, %edx
  xrstor64 (%rsp)
  jmp 2f
1:
  fxsave64 (%rsp)
  callq ravel_yield_at_safepoint
  fxrstor64 (%rsp)
2:
  leaq -72(%rbp), %rsp
  popq %r11
  popq %r10
  popq %r9
  popq %r8
  popq %rdi
  popq %rsi
  popq %rdx
  popq %rcx
  popq %rax
  popq %rbp
  .cfi_def_cfa %rsp, 8
  ret
  .cfi_endproc
  .size __ravel_safepoint, .-__ravel_safepoint
)");

namespace ravel::sched {

namespace {

[[gnu::constructor]] void choose_components() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_OSXSAVE) != 0) ravel_saved_components = 0xE7;
}

// A handler of the program's that interrupted a goroutine runs on its stack or on another, and has at least its own signal blocked.
bool in_signal_handler(const goroutine& g) {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  if (g.has_slot() && (here < g.stack_low || here >= g.stack_high)) return true;
  sigset_t blocked;
  if (::pthread_sigmask(SIG_BLOCK, nullptr, &blocked) != 0) return true;
  for (int s = 1; s < SIGRTMIN; ++s) {
    if (::sigismember(&blocked, s) == 1) return true;
  }
  return false;
}

}  // namespace

[[gnu::noinline]] std::atomic<std::uint32_t>* yield_request_of_thread() noexcept {
  static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof __ravel_yield_request);
  return reinterpret_cast<std::atomic<std::uint32_t>*>(&__ravel_yield_request);
}

}  // namespace ravel::sched

extern "C" void ravel_yield_at_safepoint() noexcept {
  using namespace ravel::sched;
  yield_request_of_thread()->store(0, std::memory_order_relaxed);
  if constexpr (ravel::hooks::enabled) ravel::hooks::sink().at_safepoint();
  machine* m = this_machine();
  if (m == nullptr || m->running == nullptr) return;
  if (m->p == nullptr || in_signal_handler(*m->running)) return;
  if constexpr (ravel::hooks::enabled) {
    if (!ravel::hooks::sink().may_switch()) return;
  } else {
    if (ravel::hooks::in_own_use()) return;
  }
  if (is_controlled(*m->running)) {
    look_at_time_controlled(*m->running, real_now_ns());
    return;
  }
  if (m->running->thread_locks != 0) {
    m->running->yield_when_none = true;
    return;
  }
  if (library_on_stack()) return;
  give_way();
}

extern "C" void __ravel_thread_lock_taken(ravel_u32 error) {
  if (error != 0 && error != EOWNERDEAD) return;
  ravel::sched::machine* m = ravel::sched::this_machine();
  if (m != nullptr && m->running != nullptr) ++m->running->thread_locks;
}

// A lock that another goroutine took, as a mutex used for a signal may be, is not counted here.
extern "C" void __ravel_thread_lock_given_back() {
  ravel::sched::machine* m = ravel::sched::this_machine();
  if (m == nullptr || m->running == nullptr || m->running->thread_locks == 0) return;
  if (--m->running->thread_locks != 0 || !m->running->yield_when_none) return;
  m->running->yield_when_none = false;
  ravel::sched::yield_request_of_thread()->store(1, std::memory_order_relaxed);
}
