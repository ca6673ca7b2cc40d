; Of accesses to the same bytes with nothing between them that may synchronise, the strongest is enough.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

declare void @callee()

define void @write_after_read(ptr %p) {
  %v = load i32, ptr %p
  %w = add i32 %v, 1
  store i32 %w, ptr %p
  ret void
}
; CHECK-LABEL: define void @write_after_read(
; ON-NOT: __ravel_read4
; OFF: __ravel_read4
; CHECK: __ravel_write4
; CHECK: ret void

define i32 @read_after_write(ptr %p) {
  store volatile i32 1, ptr %p
  %v = load volatile i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @read_after_write(
; CHECK: __ravel_write4
; ON-NOT: __ravel_read4
; OFF: __ravel_read4
; CHECK: ret i32

; The narrow write does not cover the wide one, nor a read a write. What comes first is checked first.
define void @wider(ptr %p) {
  store i32 1, ptr %p
  store i64 1, ptr %p
  ret void
}
; CHECK-LABEL: define void @wider(
; CHECK: __ravel_write4
; CHECK: __ravel_write8
; CHECK: ret void

define i64 @stronger_but_narrower(ptr %p) {
  store i32 1, ptr %p
  %v = load i64, ptr %p
  ret i64 %v
}
; CHECK-LABEL: define i64 @stronger_but_narrower(
; CHECK: __ravel_write4
; CHECK: __ravel_read8

; A call between them may hand the object to another goroutine.
define i32 @across_a_call(ptr %p) {
  store i32 1, ptr %p
  call void @callee()
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @across_a_call(
; CHECK: __ravel_write4
; CHECK: call void @callee()
; CHECK: __ravel_read4

define i32 @across_a_fence(ptr %p) {
  store i32 1, ptr %p
  fence release
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @across_a_fence(
; CHECK: __ravel_write4
; CHECK: __ravel_fence
; CHECK: __ravel_read4

define i32 @other_addresses(ptr %p, ptr %q) {
  store i32 1, ptr %p
  %v = load i32, ptr %q
  ret i32 %v
}
; CHECK-LABEL: define i32 @other_addresses(
; CHECK: __ravel_write4(ptr %p
; CHECK: __ravel_read4(ptr %q
