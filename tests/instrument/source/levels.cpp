// At every level of optimisation the shared accesses that are left are checked.
#include <atomic>
#include <cstring>

int counter;
std::atomic<bool> ready;
char buffer[1000];

// CHECK-LABEL: define {{.*}}@_Z9incrementv(
// CHECK: call {{.*}}@__ravel_write4(ptr {{.*}}@counter
void increment() { ++counter; }

// CHECK-LABEL: define {{.*}}@_Z3sumPKli(
// CHECK: call {{.*}}@__ravel_read
long sum(const long* values, int n) {
  long s = 0;
  for (int i = 0; i < n; ++i) s += values[i];
  return s;
}

// CHECK-LABEL: define {{.*}}@_Z7publishv(
// CHECK: call {{.*}}@__ravel_{{write_range|memset}}(
void publish() {
  std::memset(buffer, 1, sizeof buffer);
  ready.store(true, std::memory_order_release);
}
// CHECK: call void @__ravel_atomic_begin(ptr {{.*}}, i32 1, i32 {{.*}}, i32 {{.*}},
