; Library functions that read or write the caller's memory and are not compiled with checks: the stand-in is called, with site and context.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

declare i64 @strlen(ptr)
declare i32 @strcmp(ptr, ptr)
declare i32 @memcmp(ptr, ptr, i64)
declare i32 @bcmp(ptr, ptr, i64)
declare ptr @strcpy(ptr, ptr)
declare ptr @strncpy(ptr, ptr, i64)
declare ptr @strcat(ptr, ptr)
declare ptr @strchr(ptr, i32)
declare ptr @strrchr(ptr, i32)
declare ptr @strstr(ptr, ptr)
declare ptr @memchr(ptr, i32, i64)
declare ptr @strdup(ptr)
declare i64 @strnlen(ptr, i64)
declare i32 @strncmp(ptr, ptr, i64)
declare ptr @memcpy(ptr, ptr, i64)
declare ptr @memmove(ptr, ptr, i64)
declare ptr @memset(ptr, i32, i64)

define i64 @redirected(ptr %a, ptr %b, i64 %n) {
  %length = call i64 @strlen(ptr %a)
  %1 = call i32 @strcmp(ptr %a, ptr %b)
  %2 = call i32 @memcmp(ptr %a, ptr %b, i64 %n)
  %3 = call i32 @bcmp(ptr %a, ptr %b, i64 %n)
  %4 = call ptr @strcpy(ptr %a, ptr %b)
  %5 = call ptr @strncpy(ptr %a, ptr %b, i64 %n)
  %6 = call ptr @strcat(ptr %a, ptr %b)
  %7 = call ptr @strchr(ptr %a, i32 1)
  %8 = call ptr @strrchr(ptr %a, i32 1)
  %9 = call ptr @strstr(ptr %a, ptr %b)
  %10 = call ptr @memchr(ptr %a, i32 1, i64 %n)
  %11 = call ptr @strdup(ptr %a)
  %12 = call i64 @strnlen(ptr %a, i64 %n)
  %13 = call i32 @strncmp(ptr %a, ptr %b, i64 %n)
  %14 = call ptr @memcpy(ptr %a, ptr %b, i64 %n)
  %15 = call ptr @memmove(ptr %a, ptr %b, i64 %n)
  %16 = call ptr @memset(ptr %a, i32 0, i64 %n)
  ret i64 %length
}
; CHECK-LABEL: define i64 @redirected(
; CHECK: %length = call i64 @__ravel_strlen(ptr %a, ptr @ravel.site{{.*}}, i64 %
; CHECK: call i32 @__ravel_strcmp(ptr %a, ptr %b, ptr @ravel.site
; CHECK: call i32 @__ravel_memcmp(ptr %a, ptr %b, i64 %n, ptr @ravel.site
; CHECK: call i32 @__ravel_bcmp(ptr %a, ptr %b, i64 %n,
; CHECK: call ptr @__ravel_strcpy(
; CHECK: call ptr @__ravel_strncpy(
; CHECK: call ptr @__ravel_strcat(
; CHECK: call ptr @__ravel_strchr(ptr %a, i32 1,
; CHECK: call ptr @__ravel_strrchr(
; CHECK: call ptr @__ravel_strstr(
; CHECK: call ptr @__ravel_memchr(
; CHECK: call ptr @__ravel_strdup(
; CHECK: call i64 @__ravel_strnlen(
; CHECK: call i32 @__ravel_strncmp(
; CHECK: call ptr @__ravel_memcpy(
; CHECK: call ptr @__ravel_memmove(
; CHECK: call ptr @__ravel_memset(
; CHECK: ret i64 %length
