; C on entry; C * 5 + constants of the function and the call before each call; C again before the return.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

declare void @callee()
declare i32 @const_callee() memory(none) nounwind

define void @two_calls() {
  call void @callee()
  call void @callee()
  ret void
}
; CHECK-LABEL: define void @two_calls(
; CHECK: [[AT:%.*]] = call {{.*}}threadlocal.address{{.*}}@__ravel_context
; CHECK: [[C:%.*]] = load i64, ptr [[AT]]
; CHECK: [[TIMES:%.*]] = mul i64 [[C]], 5
; CHECK: [[SCALED:%.*]] = add i64 [[TIMES]], {{-?[0-9]+}}
; CHECK: [[FIRST:%.*]] = add i64 [[SCALED]], [[ONE:-?[0-9]+]]
; CHECK: [[TO:%.*]] = call {{.*}}threadlocal.address{{.*}}@__ravel_context
; CHECK-NEXT: store i64 [[FIRST]], ptr [[TO]]
; CHECK-NEXT: call void @callee()
; CHECK-NOT: = add i64 [[SCALED]], [[ONE]]{{$}}
; CHECK: [[SECOND:%.*]] = add i64 [[SCALED]]
; CHECK: [[TO:%.*]] = call {{.*}}threadlocal.address{{.*}}@__ravel_context
; CHECK-NEXT: store i64 [[SECOND]], ptr [[TO]]
; CHECK-NEXT: call void @callee()
; CHECK: [[TO:%.*]] = call {{.*}}threadlocal.address{{.*}}@__ravel_context
; CHECK-NEXT: store i64 [[C]], ptr [[TO]]
; CHECK-NEXT: ret void

; A leaf passes its caller's context on and stores nothing.
define i32 @leaf(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @leaf(
; CHECK-NOT: store
; CHECK: threadlocal.address{{.*}}@__ravel_context
; CHECK: call preserve_allcc void @__ravel_read4(
; CHECK-NOT: store
; CHECK: ret i32

; A function that touches no memory needs none.
define i32 @pure() {
  %v = call i32 @const_callee()
  ret i32 %v
}
; CHECK-LABEL: define i32 @pure(
; CHECK-NOT: @__ravel_context
; CHECK: ret i32

; Nothing may stand between a musttail call and the return.
define void @must_tail() {
  musttail call void @callee()
  ret void
}
; CHECK-LABEL: define void @must_tail(
; CHECK: mul i64
; CHECK: [[TO:%.*]] = call {{.*}}threadlocal.address{{.*}}@__ravel_context
; CHECK-NEXT: store i64 {{.*}}, ptr [[TO]]
; CHECK-NEXT: musttail call void @callee()
; CHECK-NEXT: ret void

; The entry of a function that throws: its caller's handler restores nothing by itself, the next call stores anew.
declare i32 @__gxx_personality_v0(...)
define void @invokes() personality ptr @__gxx_personality_v0 {
  invoke void @callee() to label %fine unwind label %thrown
fine:
  ret void
thrown:
  %e = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %e
}
; CHECK-LABEL: define void @invokes(
; CHECK: mul i64
; CHECK: [[TO:%.*]] = call {{.*}}threadlocal.address{{.*}}@__ravel_context
; CHECK-NEXT: store i64 {{.*}}, ptr [[TO]]
; CHECK-NEXT: invoke void @callee()
