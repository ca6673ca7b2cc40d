// Calls a function with every register saved around it, vectors and x87 state too (convention: preserve_all). The cold entry points promise to preserve every register, and are
// compiled to use general ones only; what they call rarely (unwinding, reports) may use any, through ravel_saving_vectors. The rule of the
// detector is compiled for general registers alone and is called through ravel_saving_general.
//
// State components saved: x87, SSE, AVX, AVX-512 (mask 0xE7), in standard format: 2688 bytes at most.

#include <cpuid.h>

#include "detector/race/record_access.hpp"

extern "C" {
int ravel_has_xsave = 0;
}

asm(R"(
  .text
  .globl ravel_saving_vectors
  .hidden ravel_saving_vectors
  .type ravel_saving_vectors, @function
ravel_saving_vectors:
  .cfi_startproc
  pushq %rbp
  .cfi_def_cfa_offset 16
  .cfi_offset %rbp, -16
  movq %rsp, %rbp
  .cfi_def_cfa_register %rbp
  pushq %rbx
  .cfi_offset %rbx, -24
  pushq %rax
  pushq %rcx
  pushq %rdx
  pushq %rsi
  pushq %rdi
  pushq %r8
  pushq %r9
  pushq %r10
  subq $2816, %rsp
  andq $-64, %rsp
  movq %rdi, %rbx
  cmpl $0, ravel_has_xsave(%rip)
  je 1f
  xorl %eax, %eax
  movq %rax, 512(%rsp)
  movq %rax, 520(%rsp)
  movq %rax, 528(%rsp)
  movq %rax, 536(%rsp)
  movq %rax, 544(%rsp)
  movq %rax, 552(%rsp)
  movq %rax, 560(%rsp)
  movq %rax, 568(%rsp)
  movl $0xE7, %eax
  xorl %edx, %edx
  xsave64 (%rsp)
  movq %rsi, %rdi
  call *%rbx
  movl $0xE7, %eax
  xorl %edx, %edx
  xrstor64 (%rsp)
  jmp 2f
1:
  fxsave64 (%rsp)
  movq %rsi, %rdi
  call *%rbx
  fxrstor64 (%rsp)
2:
  movq -8(%rbp), %rbx
  movq -16(%rbp), %rax
  movq -24(%rbp), %rcx
  movq -32(%rbp), %rdx
  movq -40(%rbp), %rsi
  movq -48(%rbp), %rdi
  movq -56(%rbp), %r8
  movq -64(%rbp), %r9
  movq -72(%rbp), %r10
  leave
  .cfi_def_cfa %rsp, 8
  ret
  .cfi_endproc
  .size ravel_saving_vectors, .-ravel_saving_vectors

  .globl ravel_saving_general
  .hidden ravel_saving_general
  .type ravel_saving_general, @function
ravel_saving_general:
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
  andq $-16, %rsp
  movq %rdi, %rax
  movq %rsi, %rdi
  call *%rax
  movq -8(%rbp), %rax
  movq -16(%rbp), %rcx
  movq -24(%rbp), %rdx
  movq -32(%rbp), %rsi
  movq -40(%rbp), %rdi
  movq -48(%rbp), %r8
  movq -56(%rbp), %r9
  movq -64(%rbp), %r10
  leave
  .cfi_def_cfa %rsp, 8
  ret
  .cfi_endproc
  .size ravel_saving_general, .-ravel_saving_general
)");

namespace ravel::detector {

void choose_vector_saving() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  ravel_has_xsave = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_OSXSAVE) != 0;
}

}  // namespace ravel::detector
