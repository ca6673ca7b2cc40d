; memcpy, memmove and memset: up to 64 bytes an access like any other, else one check of the range.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.memmove.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare void @llvm.memset.p0.i32(ptr, i8, i32, i1)

define void @small_copy(ptr %to, ptr %from) {
  call void @llvm.memcpy.p0.p0.i64(ptr align 8 %to, ptr align 8 %from, i64 16, i1 false)
  ret void
}
; CHECK-LABEL: define void @small_copy(
; CHECK: br i1
; CHECK: call preserve_allcc void @__ravel_read16(ptr %from,
; CHECK: br i1
; CHECK: call preserve_allcc void @__ravel_write16(ptr %to,
; CHECK: call void @llvm.memcpy

define void @largest_inline(ptr %to) {
  call void @llvm.memset.p0.i64(ptr align 8 %to, i8 0, i64 64, i1 false)
  ret void
}
; CHECK-LABEL: define void @largest_inline(
; CHECK: load <8 x i64>
; CHECK: call preserve_allcc void @__ravel_write_range(ptr %to, i64 64,

define void @large_copy(ptr %to, ptr %from) {
  call void @llvm.memcpy.p0.p0.i64(ptr align 8 %to, ptr align 8 %from, i64 65, i1 false)
  ret void
}
; CHECK-LABEL: define void @large_copy(
; CHECK-NOT: br i1
; CHECK: call preserve_allcc void @__ravel_read_range(ptr %from, i64 65,
; CHECK: call preserve_allcc void @__ravel_write_range(ptr %to, i64 65,
; CHECK: call void @llvm.memcpy

define void @move_of_unknown_length(ptr %to, ptr %from, i64 %n) {
  call void @llvm.memmove.p0.p0.i64(ptr %to, ptr %from, i64 %n, i1 false)
  ret void
}
; CHECK-LABEL: define void @move_of_unknown_length(
; CHECK: call preserve_allcc void @__ravel_read_range(ptr %from, i64 %n,
; CHECK: call preserve_allcc void @__ravel_write_range(ptr %to, i64 %n,
; CHECK: call void @llvm.memmove

define void @length_of_32_bits(ptr %to, i32 %n) {
  call void @llvm.memset.p0.i32(ptr %to, i8 0, i32 %n, i1 false)
  ret void
}
; CHECK-LABEL: define void @length_of_32_bits(
; CHECK: [[N:%.*]] = zext i32 %n to i64
; CHECK: call preserve_allcc void @__ravel_write_range(ptr %to, i64 [[N]],

define void @nothing(ptr %to, ptr %from) {
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 0, i1 false)
  ret void
}
; CHECK-LABEL: define void @nothing(
; CHECK-NOT: __ravel_
; CHECK: ret void
