; Such a module refers to nothing of Ravel and links with anything.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

define i32 @f(i32 %a) {
  %v = add i32 %a, 1
  ret i32 %v
}
; CHECK-NOT: ravel_
; CHECK: define i32 @f(
; CHECK-NOT: ravel_
