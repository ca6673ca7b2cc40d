; Each size that has a cold entry point of its own: the shadow is read, compared, and the entry point called when it differs.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

define i8 @read1(ptr %p) {
  %v = load i8, ptr %p
  ret i8 %v
}
; CHECK-LABEL: define i8 @read1(
; CHECK: threadlocal.address{{.*}}@__ravel_current
; CHECK: add i64 %{{.*}}, -70368744177664
; CHECK: load i64
; CHECK: xor i64
; CHECK: br i1 {{.*}}!prof
; CHECK: call preserve_allcc void @__ravel_read1(ptr %p, ptr @ravel.site
; CHECK: load i8, ptr %p

define i16 @read2(ptr %p) {
  %v = load i16, ptr %p
  ret i16 %v
}
; CHECK-LABEL: define i16 @read2(
; CHECK: call preserve_allcc void @__ravel_read2(ptr %p, ptr @ravel.site
; CHECK: load i16, ptr %p

define i32 @read4(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @read4(
; CHECK: call preserve_allcc void @__ravel_read4(ptr %p, ptr @ravel.site
; CHECK: load i32, ptr %p

define i64 @read8(ptr %p) {
  %v = load i64, ptr %p
  ret i64 %v
}
; All 8 bytes seen: segment and the low byte.
; CHECK-LABEL: define i64 @read8(
; CHECK: and i64 {{.*}}, -4294967041
; CHECK: call preserve_allcc void @__ravel_read8(ptr %p, ptr @ravel.site
; CHECK: load i64, ptr %p

define i128 @read16(ptr %p) {
  %v = load i128, ptr %p
  ret i128 %v
}
; Two tags.
; CHECK-LABEL: define i128 @read16(
; CHECK: add i64 {{.*}}, -70368744177664
; CHECK: add i64 {{.*}}, -70368744177656
; CHECK: call preserve_allcc void @__ravel_read16(ptr %p, ptr @ravel.site
; CHECK: load i128, ptr %p

define void @write1(ptr %p) {
  store i8 0, ptr %p
  ret void
}
; CHECK-LABEL: define void @write1(
; CHECK: call preserve_allcc void @__ravel_write1(ptr %p, ptr @ravel.site
; CHECK: store i8 0, ptr %p

define void @write2(ptr %p) {
  store i16 0, ptr %p
  ret void
}
; CHECK-LABEL: define void @write2(
; CHECK: call preserve_allcc void @__ravel_write2(ptr %p, ptr @ravel.site
; CHECK: store i16 0, ptr %p

define void @write4(ptr %p) {
  store i32 0, ptr %p
  ret void
}
; CHECK-LABEL: define void @write4(
; CHECK: call preserve_allcc void @__ravel_write4(ptr %p, ptr @ravel.site
; CHECK: store i32 0, ptr %p

define void @write8(ptr %p) {
  store i64 0, ptr %p
  ret void
}
; All 8 bytes written: segment and the second byte.
; CHECK-LABEL: define void @write8(
; CHECK: and i64 {{.*}}, -4294902016
; CHECK: call preserve_allcc void @__ravel_write8(ptr %p, ptr @ravel.site
; CHECK: store i64 0, ptr %p

define void @write16(ptr %p) {
  store i128 0, ptr %p
  ret void
}
; CHECK-LABEL: define void @write16(
; CHECK: call preserve_allcc void @__ravel_write16(ptr %p, ptr @ravel.site
; CHECK: store i128 0, ptr %p
