; A module with checks refers to the version of the ABI, which a library of another version does not define.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

; CHECK: @ravel_abi_version = private constant ptr @__ravel_abi_version_{{[0-9]+}}__recompile_everything_with_the_same_ravel
; CHECK: @llvm.used = appending global {{.*}}@ravel_abi_version

define i32 @f(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
