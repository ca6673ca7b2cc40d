; A load whose value is one alternative of a choice is checked only when it is chosen: the optimiser has made two loads of `c ? a : b`.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

define i32 @chosen(i1 %c, ptr %a, ptr %b) {
  %x = load i32, ptr %a
  %y = load i32, ptr %b
  %v = select i1 %c, i32 %x, i32 %y
  ret i32 %v
}
; CHECK-LABEL: define i32 @chosen(
; CHECK: br i1 %c, label %[[A:[0-9]+]],
; CHECK: [[A]]:
; CHECK: call preserve_allcc void @__ravel_read4(ptr %a
; CHECK: %[[NOT:[0-9]+]] = xor i1 %c, true
; CHECK: br i1 %[[NOT]],
; CHECK: call preserve_allcc void @__ravel_read4(ptr %b
; CHECK: select i1 %c

; The condition is known only after the load: the check waits for it.
define i32 @known_later(i32 %n, ptr %a, i32 %y) {
  %x = load i32, ptr %a
  %c = icmp eq i32 %n, 7
  %v = select i1 %c, i32 %x, i32 %y
  ret i32 %v
}
; CHECK-LABEL: define i32 @known_later(
; CHECK: %c = icmp
; CHECK: br i1 %c,
; CHECK: call preserve_allcc void @__ravel_read4(ptr %a

; A value that is used otherwise too has been loaded by the program.
define i32 @used_twice(i1 %c, ptr %a, i32 %y) {
  %x = load i32, ptr %a
  %v = select i1 %c, i32 %x, i32 %y
  %w = add i32 %v, %x
  ret i32 %w
}
; CHECK-LABEL: define i32 @used_twice(
; CHECK-NOT: br i1 %c
; CHECK: call preserve_allcc void @__ravel_read4(ptr %a

; What is checked only sometimes covers nothing.
define i32 @covers_nothing(i1 %c, ptr %a, i32 %y) {
  %x = load i32, ptr %a
  %v = select i1 %c, i32 %x, i32 %y
  %again = load i32, ptr %a
  %w = add i32 %v, %again
  ret i32 %w
}
; CHECK-LABEL: define i32 @covers_nothing(
; CHECK: call preserve_allcc void @__ravel_read4(ptr %a
; CHECK: call preserve_allcc void @__ravel_read4(ptr %a
