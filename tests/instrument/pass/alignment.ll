; What the alignment leaves open is asked of the address; what cannot be checked inline goes to the detector.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

define i64 @aligned(ptr %p) {
  %v = load i64, ptr %p, align 8
  ret i64 %v
}
; CHECK-LABEL: define i64 @aligned(
; CHECK-NOT: icmp ugt
; CHECK-NOT: and i64 {{.*}}, 7
; CHECK: call preserve_allcc void @__ravel_read8(

; Inside one granule wherever it begins: a shifted mask, no question of crossing.
define i32 @half_of_a_granule(ptr %p) {
  %v = load i32, ptr %p, align 4
  ret i32 %v
}
; CHECK-LABEL: define i32 @half_of_a_granule(
; CHECK: and i64 {{.*}}, 4
; CHECK: and i64 {{.*}}, -8
; CHECK: shl i64 15,
; CHECK: or i64 {{.*}}, -4294967296
; CHECK-NOT: icmp ugt
; CHECK: call preserve_allcc void @__ravel_read4(

define void @written_half(ptr %p) {
  store i32 0, ptr %p, align 4
  ret void
}
; CHECK-LABEL: define void @written_half(
; CHECK: shl i64 3840,
; CHECK: call preserve_allcc void @__ravel_write4(

; May lie across two granules.
define i32 @anywhere(ptr %p) {
  %v = load i32, ptr %p, align 1
  ret i32 %v
}
; CHECK-LABEL: define i32 @anywhere(
; CHECK: and i64 {{.*}}, 7
; CHECK: icmp ugt i64 {{.*}}, 4
; CHECK: call preserve_allcc void @__ravel_read4(

define i64 @whole_granule_anywhere(ptr %p) {
  %v = load i64, ptr %p, align 1
  ret i64 %v
}
; CHECK-LABEL: define i64 @whole_granule_anywhere(
; CHECK: icmp ugt i64 {{.*}}, 0
; CHECK: call preserve_allcc void @__ravel_read8(

define i16 @two_bytes_anywhere(ptr %p) {
  %v = load i16, ptr %p, align 1
  ret i16 %v
}
; CHECK-LABEL: define i16 @two_bytes_anywhere(
; CHECK: icmp ugt i64 {{.*}}, 6
; CHECK: call preserve_allcc void @__ravel_read2(

; More than a granule, perhaps not at the beginning of one.
define i128 @two_granules_anywhere(ptr %p) {
  %v = load i128, ptr %p, align 4
  ret i128 %v
}
; CHECK-LABEL: define i128 @two_granules_anywhere(
; CHECK: and i64 {{.*}}, 7
; CHECK: icmp ne i64
; CHECK: call preserve_allcc void @__ravel_read16(
