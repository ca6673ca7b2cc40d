; What nobody writes cannot be raced on.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

@table = internal constant [4 x i64] [i64 1, i64 2, i64 3, i64 4]
@variable = internal global i64 0
@_ZTV6animal = external unnamed_addr constant { [3 x ptr] }

define i64 @reads_a_constant(i64 %i) {
  %at = getelementptr [4 x i64], ptr @table, i64 0, i64 %i
  %v = load i64, ptr %at
  ret i64 %v
}
; CHECK-LABEL: define i64 @reads_a_constant(
; ON-NOT: __ravel_
; OFF: __ravel_read8
; CHECK: ret i64

define i64 @reads_a_variable() {
  %v = load i64, ptr @variable
  ret i64 %v
}
; CHECK-LABEL: define i64 @reads_a_variable(
; CHECK: __ravel_read8(ptr @variable

define ptr @reads_a_virtual_table() {
  %v = load ptr, ptr getelementptr inbounds ({ [3 x ptr] }, ptr @_ZTV6animal, i32 0, i32 0, i32 2)
  ret ptr %v
}
; CHECK-LABEL: define ptr @reads_a_virtual_table(
; ON-NOT: __ravel_
; OFF: __ravel_read8
; CHECK: ret ptr

; A slot of a table that an object points to: the pointer is checked, the slot is not.
define void @reads_a_slot(ptr %object) {
  %vtable = load ptr, ptr %object, align 8, !tbaa !0
  %slot = getelementptr inbounds ptr, ptr %vtable, i64 2
  %speak = load ptr, ptr %slot, align 8
  call void %speak(ptr %object)
  ret void
}
; CHECK-LABEL: define void @reads_a_slot(
; CHECK: __ravel_read8(ptr %object
; ON-NOT: __ravel_read8
; OFF: __ravel_read8(ptr %slot
; CHECK: call void %speak

!0 = !{!1, !1, i64 0}
!1 = !{!"vtable pointer", !2, i64 0}
!2 = !{!"Simple C++ TBAA"}
