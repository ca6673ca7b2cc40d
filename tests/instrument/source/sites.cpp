// The descriptor of an access: function, file, line and column of the access and of each call it was inlined through.
// CHECK-DAG: @[[ADD:[a-z.0-9]+]] = {{.*}} c"add(account&, long)\00"
// CHECK-DAG: @[[FILE:[a-z.0-9]+]] = {{.*}} c"{{.*}}/tests/instrument/source/sites.cpp\00"
// CHECK-DAG: @[[DEPOSIT:[a-z.0-9]+]] = {{.*}} c"deposit(account&)\00"
// CHECK-DAG: @[[OUTER:[a-z.0-9]+]] = {{.*}} c"outer(account*)\00"
// CHECK-DAG: @[[NAME:[a-z.0-9]+]] = {{.*}} c"{{.*}}balance\00"

// Innermost first; where each frame was inlined is the next.
// CHECK-DAG: @[[F3:ravel.frame[.0-9]*]] = {{.*}} { ptr @[[OUTER]], ptr @[[FILE]], i32 23, i32 3, ptr null }
// CHECK-DAG: @[[F2:ravel.frame[.0-9]*]] = {{.*}} { ptr @[[DEPOSIT]], ptr @[[FILE]], i32 19, i32 42, ptr @[[F3]] }
// CHECK-DAG: @ravel.site{{.*}} { ptr @[[ADD]], ptr @[[FILE]], i32 18, i32 62, ptr @[[F2]] }, ptr @[[NAME]], i32 8, i32 1 }, section "ravel_sites"

struct account {
  long number;
  long balance;
};

static inline void add(account& a, long amount) {  a.balance = amount; }
static inline void deposit(account& a) { add(a, 17); }

void outer(account* a);
void outer(account* a) {
  deposit(*a);
}
