; The pointer to a virtual table is checked and marked (4); the table itself is written by nobody and is not.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

; Each site: where, variable, size, flags.
; CHECK-DAG: @[[CALL:ravel.site[.0-9]*]] = {{.*}}, ptr null, i32 8, i32 4 }, section "ravel_sites"
; CHECK-DAG: @[[CONSTRUCTION:ravel.site[.0-9]*]] = {{.*}}, ptr null, i32 8, i32 5 }, section "ravel_sites"

@_ZTV6animal = external unnamed_addr constant { [3 x ptr] }, align 8

define void @virtual_call(ptr %object) {
  %vtable = load ptr, ptr %object, align 8, !tbaa !0
  %speak = load ptr, ptr %vtable, align 8
  call void %speak(ptr %object)
  ret void
}
; CHECK-LABEL: define void @virtual_call(
; CHECK: call preserve_allcc void @__ravel_read8(ptr %object, ptr @[[CALL]],
; CHECK-NOT: __ravel_read8(ptr %vtable
; CHECK: call void %speak

define void @construction(ptr %object) {
  store ptr getelementptr inbounds ({ [3 x ptr] }, ptr @_ZTV6animal, i32 0, i32 0, i32 2), ptr %object, align 8
  ret void
}
; CHECK-LABEL: define void @construction(
; CHECK: call preserve_allcc void @__ravel_write8(ptr %object, ptr @[[CONSTRUCTION]],

!0 = !{!1, !1, i64 0}
!1 = !{!"vtable pointer", !2, i64 0}
!2 = !{!"Simple C++ TBAA"}
