; A byval argument is copied by the caller: a read of the object.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

%pair = type { i64, i64 }
declare void @takes(ptr byval(%pair) align 8)

define void @passes(ptr %object) {
  call void @takes(ptr byval(%pair) align 8 %object)
  ret void
}
; CHECK-LABEL: define void @passes(
; CHECK: call preserve_allcc void @__ravel_read16(ptr %object,
; CHECK: call void @takes(
