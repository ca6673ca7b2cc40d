; Vectors are one access, checked inline up to 64 bytes.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

define <4 x i32> @sixteen(ptr %p) {
  %v = load <4 x i32>, ptr %p
  ret <4 x i32> %v
}
; CHECK-LABEL: define <4 x i32> @sixteen(
; CHECK: br i1
; CHECK: call preserve_allcc void @__ravel_read16(ptr %p,

define void @thirty_two(ptr %p, <8 x i32> %v) {
  store <8 x i32> %v, ptr %p
  ret void
}
; CHECK-LABEL: define void @thirty_two(
; CHECK: load <4 x i64>
; CHECK: call i64 @llvm.vector.reduce.or.v4i64(
; CHECK: and i64 {{.*}}, -4294902016
; CHECK: br i1
; CHECK: call preserve_allcc void @__ravel_write_range(ptr %p, i64 32,

define <8 x double> @sixty_four(ptr %p) {
  %v = load <8 x double>, ptr %p
  ret <8 x double> %v
}
; CHECK-LABEL: define <8 x double> @sixty_four(
; CHECK: load <8 x i64>
; CHECK: br i1
; CHECK: call preserve_allcc void @__ravel_read_range(ptr %p, i64 64,

define <16 x double> @above(ptr %p) {
  %v = load <16 x double>, ptr %p
  ret <16 x double> %v
}
; CHECK-LABEL: define <16 x double> @above(
; CHECK-NOT: br i1
; CHECK: call preserve_allcc void @__ravel_read_range(ptr %p, i64 128,

define <8 x i32> @unaligned(ptr %p) {
  %v = load <8 x i32>, ptr %p, align 4
  ret <8 x i32> %v
}
; CHECK-LABEL: define <8 x i32> @unaligned(
; CHECK: and i64 {{.*}}, 7
; CHECK: load <4 x i64>
; CHECK: call preserve_allcc void @__ravel_read_range(ptr %p, i64 32,
