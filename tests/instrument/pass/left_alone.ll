; What the compiler adds for itself (nosanitize), and memory that is not the program's common one.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

define i32 @f(ptr %counter, ptr addrspace(256) %segment) {
  %c = load i64, ptr %counter, !nosanitize !0
  store i64 %c, ptr %counter, !nosanitize !0
  %v = load i32, ptr addrspace(256) %segment
  ret i32 %v
}
; CHECK-LABEL: define i32 @f(
; CHECK-NOT: __ravel_
; CHECK: ret i32

; A checked function is no longer one that touches only its argument, and is called as a leaf no more.
define i32 @g(ptr %p) memory(argmem: read) nosync {
  %v = load i32, ptr %p
  ret i32 %v
}
define i32 @h(ptr %p) {
  %v = tail call i32 @g(ptr %p) nosync
  ret i32 %v
}
; CHECK: define i32 @g(ptr %p){{.*}} {
; CHECK-LABEL: define i32 @h(
; CHECK-NOT: tail call
; CHECK: call i32 @g(ptr %p){{$}}

!0 = !{}
