#include "runtime/sched/context_switch.hpp"

#if defined(__x86_64__) && !defined(RAVEL_PORTABLE_SWITCH)

// A suspended stack, from its pointer upwards: MXCSR (4 bytes) and x87 control word (2, padded), r15, r14, r13, r12, rbx, rbp, return
// address. The gdb script knows this order. A ret ends the
// switch: the return predictor then holds the right addresses where both sides left by the same path, as in a yield or a ping-pong;
// after a jump all the returns of the path would be predicted one off.
asm(R"(
  .text
  .p2align 4
  .globl ravel_switch
  .hidden ravel_switch
  .type ravel_switch, @function
ravel_switch:
  .cfi_startproc
  pushq %rbp
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %rbp, 0
  pushq %rbx
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %rbx, 0
  pushq %r12
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r12, 0
  pushq %r13
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r13, 0
  pushq %r14
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r14, 0
  pushq %r15
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r15, 0
  subq $8, %rsp
  .cfi_adjust_cfa_offset 8
  stmxcsr (%rsp)
  fnstcw 4(%rsp)
  movq %rsp, (%rdi)
  movl (%rsp), %r8d
  movzwl 4(%rsp), %r9d
  movq %rsi, %rsp
  xorl (%rsp), %r8d
  testl $0xFFC0, %r8d
  jne 1f
2:
  cmpw 4(%rsp), %r9w
  jne 3f
4:
  movq %rdx, %rax
  addq $8, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  .cfi_def_cfa_offset 8
  .cfi_restore %rbp
  .cfi_restore %rbx
  .cfi_restore %r12
  .cfi_restore %r13
  .cfi_restore %r14
  .cfi_restore %r15
  ret
1:
  .cfi_def_cfa_offset 64
  ldmxcsr (%rsp)
  jmp 2b
3:
  fldcw 4(%rsp)
  jmp 4b
  .cfi_endproc
  .size ravel_switch, .-ravel_switch

  .p2align 4
  .globl ravel_switch_on_top
  .hidden ravel_switch_on_top
  .type ravel_switch_on_top, @function
ravel_switch_on_top:
  .cfi_startproc
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  subq $8, %rsp
  .cfi_def_cfa_offset 64
  stmxcsr (%rsp)
  fnstcw 4(%rsp)
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  ldmxcsr (%rsp)
  fldcw 4(%rsp)
  movq %rdx, %rdi
  addq $8, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  .cfi_def_cfa_offset 8
  jmpq *%rcx
  .cfi_endproc
  .size ravel_switch_on_top, .-ravel_switch_on_top

  # The first frame of a stack: unwinders stop here. rax is the value, rbx the entry.
  .p2align 4
  .globl ravel_first_frame
  .hidden ravel_first_frame
  .type ravel_first_frame, @function
ravel_first_frame:
  .cfi_startproc
  .cfi_undefined %rip
  movq %rax, %rdi
  callq *%rbx
  ud2
  .cfi_endproc
  .size ravel_first_frame, .-ravel_first_frame
)");

extern "C" void ravel_first_frame();

namespace ravel::sched {

context make_context(std::uintptr_t top, std::uintptr_t, void (*entry)(void* value)) {
  auto* frame = reinterpret_cast<std::uint64_t*>(top & ~std::uintptr_t{15}) - 8;
  frame[0] = 0x037F'0000'1F80;  // x87 control word and MXCSR as a process starts with them
  frame[1] = frame[2] = frame[3] = frame[4] = 0;
  frame[5] = reinterpret_cast<std::uint64_t>(entry);
  frame[6] = 0;
  frame[7] = reinterpret_cast<std::uint64_t>(&ravel_first_frame);
  return frame;
}

std::uintptr_t frame_pointer_of(context suspended) noexcept { return static_cast<const std::uintptr_t*>(suspended)[6]; }

}  // namespace ravel::sched

#else

#include <boost/context/detail/fcontext.hpp>

namespace ravel::sched {

namespace {

using namespace boost::context::detail;

// Boost hands the context of the one who left to the one who comes; there it is put where the one who left wants it.
struct passage {
  context* save;
  void* value;
  void* (*on_top)(void*);
};

void* arrive(transfer_t from) {
  if (from.fctx == nullptr) return from.data;  // a function ran on top and this is its result
  const auto* p = static_cast<passage*>(from.data);
  *p->save = from.fctx;
  return p->value;
}

transfer_t run_on_top(transfer_t from) {
  const passage p = *static_cast<passage*>(from.data);
  *p.save = from.fctx;
  return {nullptr, p.on_top(p.value)};
}

using entry_function = void (*)(void*);

[[noreturn]] void first_frame(transfer_t from) {
  const auto entry = *static_cast<entry_function*>(from.data);
  entry(arrive(jump_fcontext(from.fctx, nullptr)));
  __builtin_trap();
}

}  // namespace

void* switch_context(context* save, context to, void* value) {
  passage p{save, value, nullptr};
  return arrive(jump_fcontext(to, &p));
}

void* switch_on_top(context* save, context to, void* value, void* (*f)(void*)) {
  passage p{save, value, f};
  return arrive(ontop_fcontext(to, &p, run_on_top));
}

std::uintptr_t frame_pointer_of(context) noexcept { return 0; }

context make_context(std::uintptr_t top, std::uintptr_t low, void (*entry)(void* value)) {
  const fcontext_t fresh = make_fcontext(reinterpret_cast<void*>(top & ~std::uintptr_t{15}), top - low, first_frame);
  return jump_fcontext(fresh, &entry).fctx;  // it keeps its entry and comes back
}

}  // namespace ravel::sched

#endif
