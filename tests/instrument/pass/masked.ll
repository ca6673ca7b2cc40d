; Of a masked access only the selected lanes are touched, and checked.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

declare <2 x i32> @llvm.masked.load.v2i32.p0(ptr, i32, <2 x i1>, <2 x i32>)
declare void @llvm.masked.store.v2i64.p0(<2 x i64>, ptr, i32, <2 x i1>)
declare <2 x i16> @llvm.masked.gather.v2i16.v2p0(<2 x ptr>, i32, <2 x i1>, <2 x i16>)
declare void @llvm.masked.scatter.v2i8.v2p0(<2 x i8>, <2 x ptr>, i32, <2 x i1>)
declare <4 x i32> @llvm.masked.expandload.v4i32(ptr, <4 x i1>, <4 x i32>)
declare void @llvm.masked.compressstore.v4i32(<4 x i32>, ptr, <4 x i1>)

define <2 x i32> @masked_load(ptr %p, <2 x i1> %m) {
  %v = call <2 x i32> @llvm.masked.load.v2i32.p0(ptr %p, i32 4, <2 x i1> %m, <2 x i32> zeroinitializer)
  ret <2 x i32> %v
}
; CHECK-LABEL: define <2 x i32> @masked_load(
; CHECK: extractelement <2 x i1> %m, i64 0
; CHECK: br i1
; CHECK: call preserve_allcc void @__ravel_read_range(ptr {{.*}}, i64 4,
; CHECK: extractelement <2 x i1> %m, i64 1
; CHECK: br i1
; CHECK: getelementptr {{.*}}ptr %p, i64 4
; CHECK: call preserve_allcc void @__ravel_read_range(ptr {{.*}}, i64 4,
; CHECK: call <2 x i32> @llvm.masked.load

define void @masked_store(ptr %p, <2 x i1> %m, <2 x i64> %v) {
  call void @llvm.masked.store.v2i64.p0(<2 x i64> %v, ptr %p, i32 8, <2 x i1> %m)
  ret void
}
; CHECK-LABEL: define void @masked_store(
; CHECK: call preserve_allcc void @__ravel_write_range(ptr {{.*}}, i64 8,
; CHECK: getelementptr {{.*}}ptr %p, i64 8
; CHECK: call preserve_allcc void @__ravel_write_range(ptr {{.*}}, i64 8,
; CHECK: call void @llvm.masked.store

define <2 x i16> @gather(<2 x ptr> %p, <2 x i1> %m) {
  %v = call <2 x i16> @llvm.masked.gather.v2i16.v2p0(<2 x ptr> %p, i32 2, <2 x i1> %m, <2 x i16> zeroinitializer)
  ret <2 x i16> %v
}
; CHECK-LABEL: define <2 x i16> @gather(
; CHECK: [[FIRST:%.*]] = extractelement <2 x ptr> %p, i64 0
; CHECK: call preserve_allcc void @__ravel_read_range(ptr [[FIRST]], i64 2,
; CHECK: [[SECOND:%.*]] = extractelement <2 x ptr> %p, i64 1
; CHECK: call preserve_allcc void @__ravel_read_range(ptr [[SECOND]], i64 2,

define void @scatter(<2 x ptr> %p, <2 x i1> %m, <2 x i8> %v) {
  call void @llvm.masked.scatter.v2i8.v2p0(<2 x i8> %v, <2 x ptr> %p, i32 1, <2 x i1> %m)
  ret void
}
; CHECK-LABEL: define void @scatter(
; CHECK: call preserve_allcc void @__ravel_write_range(ptr {{.*}}, i64 1,
; CHECK: call preserve_allcc void @__ravel_write_range(ptr {{.*}}, i64 1,

; The selected lanes lie side by side: as many elements as the mask has bits.
define <4 x i32> @expand(ptr %p, <4 x i1> %m) {
  %v = call <4 x i32> @llvm.masked.expandload.v4i32(ptr %p, <4 x i1> %m, <4 x i32> zeroinitializer)
  ret <4 x i32> %v
}
; CHECK-LABEL: define <4 x i32> @expand(
; CHECK: call i4 @llvm.ctpop.i4(
; CHECK: [[BYTES:%.*]] = mul i64 %{{.*}}, 4
; CHECK: call preserve_allcc void @__ravel_read_range(ptr %p, i64 [[BYTES]],

define void @compress(ptr %p, <4 x i1> %m, <4 x i32> %v) {
  call void @llvm.masked.compressstore.v4i32(<4 x i32> %v, ptr %p, <4 x i1> %m)
  ret void
}
; CHECK-LABEL: define void @compress(
; CHECK: call i4 @llvm.ctpop.i4(
; CHECK: call preserve_allcc void @__ravel_write_range(ptr %p, i64 %
