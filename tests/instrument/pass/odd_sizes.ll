; Sizes without an entry point of their own go to the one for ranges.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

define i24 @three(ptr %p) {
  %v = load i24, ptr %p, align 4
  ret i24 %v
}
; CHECK-LABEL: define i24 @three(
; CHECK: shl i64 7,
; CHECK: br i1
; CHECK: call preserve_allcc void @__ravel_read_range(ptr %p, i64 3,

; A long double: a granule and two bytes.
define void @ten(ptr %p, x86_fp80 %v) {
  store x86_fp80 %v, ptr %p, align 16
  ret void
}
; CHECK-LABEL: define void @ten(
; CHECK-DAG: and i64 {{.*}}, -4294902016
; CHECK-DAG: and i64 {{.*}}, -4294966528
; CHECK: br i1
; CHECK: call preserve_allcc void @__ravel_write_range(ptr %p, i64 10,

; Not a number of granules and not at the beginning of one: no inline form.
define <3 x i32> @twelve(ptr %p) {
  %v = load <3 x i32>, ptr %p, align 4
  ret <3 x i32> %v
}
; CHECK-LABEL: define <3 x i32> @twelve(
; CHECK-NOT: br i1
; CHECK: call preserve_allcc void @__ravel_read_range(ptr %p, i64 12,

define i1 @bit(ptr %p) {
  %v = load i1, ptr %p
  ret i1 %v
}
; CHECK-LABEL: define i1 @bit(
; CHECK: call preserve_allcc void @__ravel_read1(ptr %p,

define {} @nothing(ptr %p) {
  %v = load {}, ptr %p
  ret {} %v
}
; CHECK-LABEL: define {} @nothing(
; CHECK-NOT: __ravel_
; CHECK: ret
