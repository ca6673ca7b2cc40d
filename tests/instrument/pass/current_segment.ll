; The current segment is read once where nothing synchronises, and again after what may: a call, an atomic operation.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

declare void @callee()

define void @straight(ptr %p, ptr %q) {
  store i64 0, ptr %p
  store i64 0, ptr %q
  ret void
}
; The cold call may change it, hence a second read on that path alone.
; CHECK-LABEL: define void @straight(
; CHECK: threadlocal.address{{.*}}@__ravel_current
; CHECK: call preserve_allcc void @__ravel_write8(ptr %p,
; CHECK: threadlocal.address{{.*}}@__ravel_current
; CHECK: phi i64
; CHECK-NOT: @__ravel_current
; CHECK: call preserve_allcc void @__ravel_write8(ptr %q,

define void @after_a_call(ptr %p, ptr %q) {
  store i64 0, ptr %p
  call void @callee()
  store i64 0, ptr %q
  ret void
}
; CHECK-LABEL: define void @after_a_call(
; CHECK: call preserve_allcc void @__ravel_write8(ptr %p,
; CHECK: call void @callee()
; CHECK: threadlocal.address{{.*}}@__ravel_current
; CHECK: call preserve_allcc void @__ravel_write8(ptr %q,

define void @loop(ptr %p) {
entry:
  br label %body
body:
  %i = phi i64 [ 0, %entry ], [ %next, %body ]
  %at = getelementptr i64, ptr %p, i64 %i
  %old = load volatile i64, ptr %at
  %next = add i64 %i, %old
  %done = icmp eq i64 %next, 100
  br i1 %done, label %exit, label %body
exit:
  ret void
}
; Read before the loop.
; CHECK-LABEL: define void @loop(
; CHECK: threadlocal.address{{.*}}@__ravel_current
; CHECK: br label %body
; CHECK: body:
; CHECK: call preserve_allcc void @__ravel_read8(
