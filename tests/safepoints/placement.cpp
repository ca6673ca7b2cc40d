// Where safepoints are and are not. Compiled with libravel_safepoints.so; the lines below are checked against the LLVM code.

extern "C" {
void opaque();
int word();

// A loop nobody knows the end of.
// CHECK-LABEL: define {{.*}}@until_word
// CHECK: @llvm.threadlocal.address{{.*}}yield_request
// CHECK: call preserve_allcc void @__ravel_safepoint
// CHECK: ret void
void until_word() {
  while (word() == 0) {}
}

// Few rounds, inner ones counted in: none.
// CHECK-LABEL: define {{.*}}@few_rounds
// CHECK-NOT: yield_request
// CHECK: ret i32
int few_rounds(const int* p) {
  int sum = 0;
#pragma clang loop unroll(disable)
  for (int i = 0; i < 20; ++i) {
#pragma clang loop unroll(disable)
    for (int k = 0; k < 20; ++k) sum += p[k] / (i + 1);
  }
  return sum;
}

// Each few by itself, too many together: the outer one is tested.
// CHECK-LABEL: define {{.*}}@many_together
// CHECK: call preserve_allcc void @__ravel_safepoint
// CHECK-NOT: call preserve_allcc void @__ravel_safepoint
// CHECK-LABEL: define {{.*}}@counted
int many_together(const int* p) {
  int sum = 0;
#pragma clang loop unroll(disable)
  for (int i = 0; i < 3000; ++i) {
#pragma clang loop unroll(disable)
    for (int k = 0; k < 3000; ++k) sum += p[k] / (i + 1);
  }
  return sum;
}

// Counted before it begins: a body without tests for short runs, one with them for long ones.
// CHECK: icmp ugt i64
// CHECK: call preserve_allcc void @__ravel_safepoint
// CHECK-NOT: call preserve_allcc void @__ravel_safepoint
// CHECK: ret i64
unsigned long counted(const unsigned long* p, unsigned long n) {
  unsigned long product = 1;
#pragma clang loop unroll(disable) vectorize(disable)
  for (unsigned long i = 0; i < n; ++i) product = product * 31 + p[i];
  return product;
}

// No loop, calls nothing: none.
// CHECK-LABEL: define {{.*}}@leaf
// CHECK-NOT: yield_request
// CHECK: ret i32
int leaf(int a, int b) { return a * b + 3; }

// Calls what could call it back: at the entry.
// CHECK-LABEL: define {{.*}}@may_recur
// CHECK: @llvm.threadlocal.address{{.*}}yield_request
// CHECK: ret void
void may_recur() {
  opaque();
  opaque();
}

// The callee tests in each round.
// CHECK-LABEL: define {{.*}}@callee_tests
// CHECK: @llvm.threadlocal.address{{.*}}yield_request
// CHECK-NOT: @llvm.threadlocal.address{{.*}}yield_request
// CHECK: ret void
[[gnu::noinline]] void callee_tests(const unsigned long* p, unsigned long n) {
  for (volatile unsigned long i = 0; i < n; i = i + 1) may_recur();
}

// Not instrumented, by attribute.
// CHECK-LABEL: define {{.*}}@left_alone
// CHECK-NOT: yield_request
// CHECK: ret void
[[clang::disable_sanitizer_instrumentation]] void left_alone() {
  while (word() == 0) {}
}

// What belongs to the thread is counted where it was taken, and given back after.
// CHECK-LABEL: define {{.*}}@under_a_lock
// CHECK: %[[ERROR:.*]] = {{.*}}call i32 @pthread_mutex_trylock
// CHECK-NEXT: call void @__ravel_thread_lock_taken(i32 %[[ERROR]])
// CHECK: call i32 @pthread_mutex_unlock
// CHECK-NEXT: call void @__ravel_thread_lock_given_back()
// CHECK: ret void
int pthread_mutex_trylock(void*) noexcept;
int pthread_mutex_unlock(void*) noexcept;
void under_a_lock(void* m) {
  if (pthread_mutex_trylock(m) != 0) return;
  opaque();
  pthread_mutex_unlock(m);
}

// The one who initialises holds the static, nobody else.
// CHECK-LABEL: define {{.*}}@with_a_static
// CHECK: call i32 @__cxa_guard_acquire
// CHECK: call void @__ravel_thread_lock_taken(
// CHECK: call void @__cxa_guard_release
// CHECK-NEXT: call void @__ravel_thread_lock_given_back()
// CHECK: ret i32
int with_a_static() {
  static int once = word();
  return once;
}
}
