// A bank account: tellers pay in all day long, and the manager looks at the balance at noon and at closing time.

#include <ravel/ravel.hpp>

#include <iostream>
#include <mutex>

namespace {

class account {
 public:
  void deposit(long amount) {
    const std::lock_guard lock(mutex_);
    balance_ += amount;
  }

  long balance() const {
    const std::lock_guard lock(mutex_);
    return balance_;
  }

 private:
  mutable ravel::mutex mutex_;
  long balance_ = 0;
};

}  // namespace

int main() {
  constexpr int tellers = 4;
  constexpr int customers_each = 250;

  account vault;
  ravel::wait_group open;
  for (int i = 0; i < tellers; ++i) {
    open.go([&vault] {
      for (int customer = 0; customer < customers_each; ++customer) vault.deposit(10);
    });
  }

  std::cout << "at noon: " << vault.balance() << '\n';
  open.wait();
  std::cout << "at closing time: " << vault.balance() << '\n';
}
