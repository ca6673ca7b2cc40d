; A fence tells the detector its order afterwards; one for signal handlers concerns no other goroutine.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

define void @fences() {
  fence acquire
  fence release
  fence acq_rel
  fence seq_cst
  ret void
}
; CHECK-LABEL: define void @fences(
; CHECK: fence acquire
; CHECK-NEXT: call void @__ravel_fence(i32 2)
; CHECK-NEXT: fence release
; CHECK-NEXT: call void @__ravel_fence(i32 3)
; CHECK-NEXT: fence acq_rel
; CHECK-NEXT: call void @__ravel_fence(i32 4)
; CHECK-NEXT: fence seq_cst
; CHECK-NEXT: call void @__ravel_fence(i32 5)

define void @of_one_thread() {
  fence syncscope("singlethread") seq_cst
  ret void
}
; CHECK-LABEL: define void @of_one_thread(
; CHECK-NOT: __ravel_fence
; CHECK: ret void
