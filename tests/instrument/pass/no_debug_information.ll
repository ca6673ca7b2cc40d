; Without debug information a site still has the function's name as a person writes it.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

; CHECK-DAG: @[[NAME:ravel.text[.0-9]*]] = private unnamed_addr constant {{.*}} c"bank::deposit(int)\00"
; CHECK-DAG: @[[FILE:ravel.text[.0-9]*]] = private unnamed_addr constant [1 x i8] zeroinitializer
; CHECK-DAG: @ravel.site = private constant {{.*}} { ptr @[[NAME]], ptr @[[FILE]], i32 0, i32 0, ptr null }, ptr null, i32 4, i32 1 }, section "ravel_sites", align 8

define void @_ZN4bank7depositEi(ptr %this, i32 %amount) {
  store i32 %amount, ptr %this
  ret void
}
