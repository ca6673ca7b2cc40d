; A local whose address stays in the function needs no check; one whose address is given away does, before and after.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

declare void @give_away(ptr)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)

define i64 @stays(i64 %i) {
  %local = alloca [4 x i64]
  %at = getelementptr [4 x i64], ptr %local, i64 0, i64 %i
  store i64 1, ptr %at
  %v = load i64, ptr %local
  ret i64 %v
}
; CHECK-LABEL: define i64 @stays(
; ON-NOT: __ravel_
; OFF: __ravel_write8
; OFF: __ravel_read8
; CHECK: ret i64

define void @leaves(i64 %i) {
  %local = alloca [4 x i64]
  call void @give_away(ptr %local)
  %at = getelementptr [4 x i64], ptr %local, i64 0, i64 %i
  store i64 1, ptr %at
  ret void
}
; CHECK-LABEL: define void @leaves(
; CHECK: __ravel_write8

define ptr @is_returned() {
  %local = alloca i64
  store i64 1, ptr %local
  ret ptr %local
}
; CHECK-LABEL: define ptr @is_returned(
; CHECK: __ravel_write8

define void @is_stored(ptr %where) {
  %local = alloca i64
  store ptr %local, ptr %where
  store i64 1, ptr %local
  ret void
}
; CHECK-LABEL: define void @is_stored(
; CHECK: __ravel_write8(ptr %where
; CHECK: __ravel_write8(ptr %local

define void @runs() {
  %local = alloca [100 x i64]
  call void @llvm.memset.p0.i64(ptr %local, i8 0, i64 800, i1 false)
  ret void
}
; CHECK-LABEL: define void @runs(
; ON-NOT: __ravel_
; OFF: __ravel_write_range(
; CHECK: ret void

; Half of the copy is of the caller's memory.
define void @copied_from_outside(ptr %from) {
  %local = alloca [100 x i64]
  call void @llvm.memcpy.p0.p0.i64(ptr %local, ptr %from, i64 800, i1 false)
  ret void
}
; CHECK-LABEL: define void @copied_from_outside(
; CHECK: __ravel_read_range(ptr %from

define i32 @atomics() {
  %local = alloca i32
  store atomic i32 1, ptr %local monotonic, align 4
  %v = load atomic i32, ptr %local monotonic, align 4
  ret i32 %v
}
; CHECK-LABEL: define i32 @atomics(
; ON-NOT: __ravel_
; OFF: __ravel_atomic_begin
; OFF: __ravel_atomic_load
; CHECK: ret i32

; Such an operation orders others too.
define i32 @ordered_atomics() {
  %local = alloca i32
  store atomic i32 1, ptr %local release, align 4
  ret i32 0
}
; CHECK-LABEL: define i32 @ordered_atomics(
; CHECK: __ravel_atomic_begin
