; A check that is run once is a call; in a loop that only computes it is inline, and its cold call goes on from there.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

declare void @unknown()
declare void @fails() cold noreturn

; CHECK-LABEL: @once
; all: call preserve_allcc void @__ravel_write4(
; loops: call preserve_allcc void @__ravel_check_write4(ptr %p, ptr @ravel.site{{[^,]*}}, i64 %context)
; none: call preserve_allcc void @__ravel_check_write4(ptr %p,
; CHECK: store i32 1, ptr %p
; A size of which there is no check of its own is a range, and a leaf reads its context once.
; loops-NOT: @__ravel_context
; loops: call preserve_allcc void @__ravel_read_range(ptr %p, i64 12,
; CHECK: load i96, ptr %p
; loops-NOT: @__ravel_context
; CHECK: ret void
define void @once(ptr %p, ptr %q) {
  store i32 1, ptr %p, align 4
  %v = load i96, ptr %p, align 4
  ret void
}

; CHECK-LABEL: @loop
; all: call preserve_allcc void @__ravel_read8(
; loops: call preserve_allcc void @__ravel_read8(
; none: call preserve_allcc void @__ravel_check_read8(
; CHECK: load i64, ptr %at
; What it does rarely is no more worth it than what is done once.
; all: call preserve_allcc void @__ravel_write1(
; loops: call preserve_allcc void @__ravel_check_write1(
; none: call preserve_allcc void @__ravel_check_write1(
; CHECK: store i8 1, ptr %failed
define i64 @loop(ptr %a, i64 %n, ptr %failed) {
entry:
  br label %body
body:
  %i = phi i64 [ 0, %entry ], [ %next, %good ]
  %at = getelementptr i64, ptr %a, i64 %i
  %v = load i64, ptr %at, align 8
  %bad = icmp slt i64 %v, 0
  br i1 %bad, label %fail, label %good
good:
  %next = add i64 %i, %v
  %more = icmp ult i64 %next, %n
  br i1 %more, label %body, label %done
fail:
  store i8 1, ptr %failed, align 1
  call void @fails()
  unreachable
done:
  ret i64 %next
}

; Beside a call in every round, one more costs little.
; CHECK-LABEL: @loop_of_calls
; all: call preserve_allcc void @__ravel_read8(
; loops: call preserve_allcc void @__ravel_check_read8(
; CHECK: load i64, ptr %at
define void @loop_of_calls(ptr %a, i64 %n) {
entry:
  br label %body
body:
  %i = phi i64 [ 0, %entry ], [ %next, %body ]
  %at = getelementptr i64, ptr %a, i64 %i
  %v = load i64, ptr %at, align 8
  call void @unknown()
  %next = add i64 %i, %v
  %more = icmp ult i64 %next, %n
  br i1 %more, label %body, label %done
done:
  ret void
}

; After a check by call the value of before may name a segment that has ended: a loop with one in it reads the value in each round.
; CHECK-LABEL: @value_ends
; loops: body:
; loops-NOT: @__ravel_read8(
; loops: @__ravel_current
; loops: call preserve_allcc void @__ravel_read8(
; CHECK: load i64, ptr %at
; loops: call preserve_allcc void @__ravel_check_write1(
; CHECK: ret i64
define i64 @value_ends(ptr %a, i64 %n, ptr %rare) {
entry:
  br label %body
body:
  %i = phi i64 [ 0, %entry ], [ %next, %good ]
  %at = getelementptr i64, ptr %a, i64 %i
  %v = load i64, ptr %at, align 8
  %bad = icmp slt i64 %v, 0
  br i1 %bad, label %rarely, label %good, !prof !0
rarely:
  store i8 1, ptr %rare, align 1
  br label %good
good:
  %next = add i64 %i, %v
  %more = icmp ult i64 %next, %n
  br i1 %more, label %body, label %done
done:
  ret i64 %next
}

!0 = !{!"branch_weights", i32 1, i32 100000}
