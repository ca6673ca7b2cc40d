; What is not checked: functions of Ravel itself, of [[ravel::no_race]], naked ones, those of the library's names, copies whose body
; another module has, and resolvers of ifuncs, which run before the program is relocated. What only looks like them is.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

define i32 @_ZN5ravel2v15mutex4lockEv(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @_ZN5ravel2v15mutex4lockEv(
; CHECK-NOT: __ravel_
; CHECK: ret i32

define i32 @_ZNK5ravel1aEv(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @_ZNK5ravel1aEv(
; CHECK-NOT: __ravel_
; CHECK: ret i32

; A lambda inside a function of Ravel, and a thunk to one.
define i32 @_ZZN5ravel1fEvENKUlvE_clEv(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @_ZZN5ravel1fEvENKUlvE_clEv(
; CHECK-NOT: __ravel_
; CHECK: ret i32

define i32 @_ZThn16_N5ravel1c1fEv(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @_ZThn16_N5ravel1c1fEv(
; CHECK-NOT: __ravel_
; CHECK: ret i32

define i32 @no_race(ptr %p) disable_sanitizer_instrumentation {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @no_race(
; CHECK-NOT: __ravel_
; CHECK: ret i32

define i32 @naked(ptr %p) naked {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @naked(
; CHECK-NOT: __ravel_
; CHECK: ret i32

define i32 @__ravel_own(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @__ravel_own(
; CHECK-NOT: call {{.*}}__ravel_
; CHECK: ret i32

define available_externally i32 @elsewhere(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define available_externally i32 @elsewhere(
; CHECK-NOT: __ravel_
; CHECK: ret i32

@chosen = ifunc i32 (ptr), ptr @resolver
define ptr @resolver() {
  %v = load ptr, ptr @table
  ret ptr %v
}
@table = external global ptr
; CHECK-LABEL: define ptr @resolver(
; CHECK-NOT: __ravel_
; CHECK: ret ptr

; Of namespace ravelin, with a parameter of Ravel's, and a member of a user's namespace that is called ravel.
define i32 @_ZN7ravelin1fEPi(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @_ZN7ravelin1fEPi(
; CHECK: __ravel_read4

define i32 @_Z4lockRN5ravel2v15mutexE(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @_Z4lockRN5ravel2v15mutexE(
; CHECK: __ravel_read4

define i32 @_ZN4user5ravel1fEv(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
; CHECK-LABEL: define i32 @_ZN4user5ravel1fEv(
; CHECK: __ravel_read4

; A user's lambda called from Ravel's function is not swallowed by it.
define void @_ZN5ravel4callEv(ptr %p) {
  call void @_ZN4user6lambdaEv(ptr %p)
  ret void
}
declare void @_ZN4user6lambdaEv(ptr)
; CHECK-LABEL: define void @_ZN5ravel4callEv(
; CHECK: call void @_ZN4user6lambdaEv(ptr %p) [[APART:#[0-9]+]]
; CHECK: attributes [[APART]] = { noinline }
