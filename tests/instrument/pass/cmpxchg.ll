; Both orders in one number, success | failure << 4, and whether it succeeded.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

define i1 @seq_cst_then_acquire(ptr %p) {
  %pair = cmpxchg ptr %p, i32 0, i32 1 seq_cst acquire
  %done = extractvalue { i32, i1 } %pair, 1
  ret i1 %done
}
; CHECK-LABEL: define i1 @seq_cst_then_acquire(
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 4, i32 3, i32 37,
; CHECK-NEXT: %pair = cmpxchg ptr %p, i32 0, i32 1 seq_cst acquire
; CHECK: [[DONE:%.*]] = extractvalue { i32, i1 } %pair, 1
; CHECK: [[NUMBER:%.*]] = zext i1 [[DONE]] to i32
; CHECK: call void @__ravel_atomic_end(ptr %p, i32 4, i32 3, i32 37, i32 [[NUMBER]])

define void @weak_and_relaxed(ptr %p) {
  %pair = cmpxchg weak ptr %p, i64 0, i64 1 release monotonic
  ret void
}
; CHECK-LABEL: define void @weak_and_relaxed(
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 8, i32 3, i32 3,
; CHECK-NEXT: cmpxchg weak
; CHECK: call void @__ravel_atomic_end(ptr %p, i32 8, i32 3, i32 3,

define void @of_a_pointer(ptr %p, ptr %a, ptr %b) {
  %pair = cmpxchg ptr %p, ptr %a, ptr %b acq_rel acquire
  ret void
}
; CHECK-LABEL: define void @of_a_pointer(
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 8, i32 3, i32 36,
