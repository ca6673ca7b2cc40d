// What an access is called, with and without optimisation: variables and fields in words of the source.
#include <span>
#include <string>
#include <vector>

int counter;
// CHECK-DAG: c"counter\00"
void global() { counter = 1; }

struct account {
  long balance;
  struct { int day, month; } opened;
};
// CHECK-DAG: c"a->balance\00"
void through_a_pointer(account* a) { a->balance = 1; }
// CHECK-DAG: c"b.opened.month\00"
void through_a_reference(account& b) { b.opened.month = 1; }

struct bank {
  long total;
  void deposit();
};
// CHECK-DAG: c"total\00"
void bank::deposit() { total = 1; }

account accounts[10];
// CHECK-DAG: c"accounts[].balance\00"
void element(int i) { accounts[i].balance = 1; }

std::vector<int> values;
// CHECK-DAG: c"values[]\00"
void of_a_container(int i) { values[i] = 1; }

// CHECK-DAG: c"numbers[]\00"
long of_a_loop(std::span<const int> numbers) {
  long sum = 0;
  for (int n : numbers) sum += n;
  return sum;
}
// CHECK-DAG: c"rows[]\00"
int rows[8];
int of_a_loop_over_an_array() {
  int sum = 0;
  for (int r : rows) sum += r;
  return sum;
}
