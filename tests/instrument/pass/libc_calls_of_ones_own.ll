; A function of the user's that is called strlen, or whose parameters are others than the library's, is left alone.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

define i64 @strlen(ptr %s) {
  ret i64 7
}
declare i32 @strcmp(ptr, ptr, i32)

define i64 @caller(ptr %a) {
  %1 = call i64 @strlen(ptr %a)
  %2 = call i32 @strcmp(ptr %a, ptr %a, i32 3)
  ret i64 %1
}
; CHECK-LABEL: define i64 @caller(
; CHECK: call i64 @strlen(ptr %a)
; CHECK: call i32 @strcmp(ptr %a, ptr %a, i32 3)
; CHECK-NOT: declare {{.*}}@__ravel_str
