; Fields of one object in one region, all read or all written, are one call with a site each; what ends the region or the block's course
; ends the group, and other objects have their own.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

; Distances from the first, beside RAVEL_SITE_MORE (16) in all but the last: 4 is 1024, -8 is -2048.
; ON: = private constant [3 x { {{.*}} }] [{ {{.*}} i32 8, i32 16 }, { {{.*}} i32 4, i32 {{-2032}} }, { {{.*}} i32 2, i32 3072 }], section "ravel_sites"

declare void @unknown()

; CHECK-LABEL: @three_reads
; ON: call preserve_allcc void @__ravel_check_fields(ptr %q, ptr @ravel.site{{[^,]*}}, i64 %context)
; ON-NOT: call {{.*}}@__ravel
; OFF: call preserve_allcc void @__ravel_check_read8(ptr %q,
; CHECK: load i64, ptr %q
; OFF: call preserve_allcc void @__ravel_check_read4(ptr %p,
; CHECK: load i32, ptr %p
; OFF: call preserve_allcc void @__ravel_check_read2(
; CHECK: ret void
define void @three_reads(ptr %p) {
  %q = getelementptr i8, ptr %p, i64 8
  %r = getelementptr i8, ptr %p, i64 20
  %a = load i64, ptr %q, align 8
  %b = load i32, ptr %p, align 4
  %c = load i16, ptr %r, align 2
  ret void
}

; CHECK-LABEL: @kinds_and_objects
; CHECK-NOT: @__ravel_check_fields
; CHECK: ret void
define void @kinds_and_objects(ptr %p, ptr %other) {
  %q = getelementptr i8, ptr %p, i64 8
  %a = load i64, ptr %p, align 8
  store i64 1, ptr %q, align 8
  %b = load i64, ptr %other, align 8
  ret void
}

; CHECK-LABEL: @ends_of_regions
; CHECK-NOT: @__ravel_check_fields
; CHECK: ret void
define void @ends_of_regions(ptr %p, i1 %more) {
  %q = getelementptr i8, ptr %p, i64 8
  %r = getelementptr i8, ptr %p, i64 16
  %a = load i64, ptr %p, align 8
  call void @unknown()
  %b = load i64, ptr %q, align 8
  br i1 %more, label %then, label %done
then:
  %c = load i64, ptr %r, align 8
  br label %done
done:
  ret void
}
