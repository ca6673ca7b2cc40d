; A function-local static: whoever sees it initialised is ordered after the initialisation.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

@_ZGVZ1fvE1x = internal global i64 0, align 8
@_ZZ1fvE1x = internal global i32 0, align 4

define i32 @_Z1fv() {
entry:
  %seen = load atomic i8, ptr @_ZGVZ1fvE1x acquire, align 8
  %no = icmp eq i8 %seen, 0
  br i1 %no, label %check, label %done
check:
  %mine = call i32 @__cxa_guard_acquire(ptr @_ZGVZ1fvE1x)
  %is_mine = icmp ne i32 %mine, 0
  br i1 %is_mine, label %init, label %done
init:
  store i32 42, ptr @_ZZ1fvE1x, align 4
  call void @__cxa_guard_release(ptr @_ZGVZ1fvE1x)
  br label %done
done:
  %v = load i32, ptr @_ZZ1fvE1x, align 4
  ret i32 %v
}
declare i32 @__cxa_guard_acquire(ptr)
declare void @__cxa_guard_release(ptr)

; CHECK-LABEL: define i32 @_Z1fv(
; CHECK-NOT: __ravel_atomic_begin
; CHECK: %seen = load atomic i8, ptr @_ZGVZ1fvE1x acquire
; CHECK: icmp ne i8 %seen, 0
; CHECK: call void @__ravel_static_acquired(ptr @_ZGVZ1fvE1x)
; CHECK: %mine = call i32 @__cxa_guard_acquire(
; CHECK: icmp eq i32 %mine, 0
; CHECK: call void @__ravel_static_acquired(ptr @_ZGVZ1fvE1x)
; CHECK: call preserve_allcc void @__ravel_write4(ptr @_ZZ1fvE1x,
; CHECK: call void @__ravel_static_released(ptr @_ZGVZ1fvE1x)
; CHECK-NEXT: call void @__cxa_guard_release(
; CHECK: call preserve_allcc void @__ravel_read4(ptr @_ZZ1fvE1x,
