// [[ravel::no_race]] on a function, a method and a lambda: no check in it, though inlined or called from checked code, and checks around it.
// CHECK-NOT: @llvm.global.annotations

int counter;

// CHECK: define {{.*}}@_Z8functionv(
// CHECK-NOT: call {{.*}}@__ravel_
// CHECK: ret void
[[ravel::no_race]] void function() { counter = 1; }

struct bank {
  long total;
  [[ravel::no_race]] void deposit();
};
// CHECK: define {{.*}}@_ZN4bank7depositEv(
// CHECK-NOT: call {{.*}}@__ravel_
// CHECK: ret void
void bank::deposit() { total = 1; }

// CHECK: define {{.*}}@_Z7checkedv(
// CHECK: call {{.*}}@__ravel_write4(
// CHECK: ret void
void checked() {
  function();
  counter = 2;
}

// CHECK: define {{.*}}@_Z12with_lambdasv(
// CHECK: call {{.*}}clEv"
// CHECK: ret void
// CHECK: define internal {{.*}}clEv"
// CHECK-NOT: call {{.*}}@__ravel_
// CHECK: ret void
// CHECK: define internal {{.*}}clEi"
// CHECK: call {{.*}}@__ravel_write4(
// CHECK: ret void
void with_lambdas() {
  const auto quiet = [] [[ravel::no_race]] () { counter = 3; };
  quiet();
  const auto loud = [](int i) __attribute__((noinline)) { counter = i; };
  loud(5);
}
