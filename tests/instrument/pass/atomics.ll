; A load of 1, 2, 4 or 8 bytes is done by the library. Any other atomic instruction stays as it is between
; begin(address, size, kind, order, ...) and end(..., 1).
; Kinds: 0 load, 1 store, 2 read-modify-write. Orders as in std::memory_order.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

define i32 @loads(ptr %p) {
  %relaxed = load atomic i32, ptr %p monotonic, align 4
  %acquire = load atomic i32, ptr %p acquire, align 4
  %seq_cst = load atomic i32, ptr %p seq_cst, align 4
  ret i32 %seq_cst
}
; CHECK-LABEL: define i32 @loads(
; CHECK: call i64 @__ravel_atomic_load(ptr %p, i32 4, i32 0, ptr @ravel.site
; CHECK: call i64 @__ravel_atomic_load(ptr %p, i32 4, i32 2, ptr @ravel.site
; CHECK: %[[LOADED:.*]] = call i64 @__ravel_atomic_load(ptr %p, i32 4, i32 5, ptr @ravel.site
; CHECK-NEXT: %seq_cst = trunc i64 %[[LOADED]] to i32
; CHECK: ret i32 %seq_cst

define double @loads_of_other_types(ptr %p) {
  %pointer = load atomic ptr, ptr %p acquire, align 8
  %number = load atomic double, ptr %pointer monotonic, align 8
  %wide = load atomic i128, ptr %p acquire, align 16
  %seen = load atomic volatile i32, ptr %p monotonic, align 4
  ret double %number
}
; CHECK-LABEL: define double @loads_of_other_types(
; CHECK: %[[P:.*]] = call i64 @__ravel_atomic_load(ptr %p, i32 8, i32 2,
; CHECK-NEXT: %pointer = inttoptr i64 %[[P]] to ptr
; CHECK: %[[N:.*]] = call i64 @__ravel_atomic_load(ptr %pointer, i32 8, i32 0,
; CHECK-NEXT: %number = bitcast i64 %[[N]] to double
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 16, i32 0, i32 2,
; CHECK-NEXT: load atomic i128, ptr %p acquire, align 16
; CHECK-NEXT: call void @__ravel_atomic_end(ptr %p, i32 16, i32 0, i32 2, i32 1)
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 4, i32 0, i32 0,
; CHECK-NEXT: load atomic volatile i32, ptr %p monotonic, align 4

define void @stores(ptr %p) {
  store atomic i64 1, ptr %p monotonic, align 8
  store atomic i64 2, ptr %p release, align 8
  store atomic i64 3, ptr %p seq_cst, align 8
  ret void
}
; CHECK-LABEL: define void @stores(
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 8, i32 1, i32 0,
; CHECK-NEXT: store atomic i64 1, ptr %p monotonic
; CHECK-NEXT: call void @__ravel_atomic_end(ptr %p, i32 8, i32 1, i32 0, i32 1)
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 8, i32 1, i32 3,
; CHECK-NEXT: store atomic i64 2, ptr %p release
; CHECK-NEXT: call void @__ravel_atomic_end(ptr %p, i32 8, i32 1, i32 3, i32 1)
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 8, i32 1, i32 5,
; CHECK-NEXT: store atomic i64 3, ptr %p seq_cst
; CHECK-NEXT: call void @__ravel_atomic_end(ptr %p, i32 8, i32 1, i32 5, i32 1)

define void @read_modify_writes(ptr %p) {
  %a = atomicrmw add ptr %p, i8 1 monotonic
  %b = atomicrmw xchg ptr %p, i16 1 acquire
  %c = atomicrmw or ptr %p, i32 1 release
  %d = atomicrmw sub ptr %p, i64 1 acq_rel
  %e = atomicrmw max ptr %p, i128 1 seq_cst
  ret void
}
; CHECK-LABEL: define void @read_modify_writes(
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 1, i32 2, i32 0,
; CHECK-NEXT: atomicrmw add
; CHECK-NEXT: call void @__ravel_atomic_end(ptr %p, i32 1, i32 2, i32 0, i32 1)
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 2, i32 2, i32 2,
; CHECK-NEXT: atomicrmw xchg
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 4, i32 2, i32 3,
; CHECK-NEXT: atomicrmw or
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 8, i32 2, i32 4,
; CHECK-NEXT: atomicrmw sub
; CHECK: call void @__ravel_atomic_begin(ptr %p, i32 16, i32 2, i32 5,
; CHECK-NEXT: atomicrmw max
; CHECK-NEXT: call void @__ravel_atomic_end(ptr %p, i32 16, i32 2, i32 5, i32 1)

; Java's order, which is no atomic access of C++; and one that orders only against a signal handler of the same thread.
define i32 @plain_after_all(ptr %p, ptr %q) {
  %v = load atomic i32, ptr %p unordered, align 4
  store atomic i32 %v, ptr %q syncscope("singlethread") release, align 4
  ret i32 %v
}
; CHECK-LABEL: define i32 @plain_after_all(
; CHECK-NOT: __ravel_atomic
; CHECK: call preserve_allcc void @__ravel_read4(ptr %p,
; CHECK-NOT: __ravel_atomic
; CHECK: call preserve_allcc void @__ravel_write4(ptr %q,
; CHECK-NOT: __ravel_atomic
; CHECK: ret i32
