// Read by the tests of reports, never compiled: the numbers of its lines are in tests/report/samples.cpp.
int total = 0;

void deposit(account& a, int amount) {
  a.balance += amount;
	total += amount;
}

int main() {
  ravel::go([&] { deposit(shared, 5); });
  deposit(shared, 7);
}
