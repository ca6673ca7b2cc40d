#pragma once
// Small programs with one known bug each, or repaired. After SCTBench and its like.

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include <ravel/explore.hpp>
#include <ravel/ravel.hpp>

namespace kernels {

using namespace ravel;

inline auto reorder(int setters, int checkers, bool ok) {
  return [=] {
    std::atomic<int> a{0}, b{0};
    mutex m;
    wait_group all;
    for (int i = 0; i < setters; ++i) {
      all.go([&] {
        if (ok) m.lock();
        a.store(1);
        b.store(-1);
        if (ok) m.unlock();
      });
    }
    for (int i = 0; i < checkers; ++i) {
      all.go([&] {
        if (ok) m.lock();
        const int x = a.load(), y = b.load();
        if (ok) m.unlock();
        if (x + y != 0) explore::fail("reordered");
      });
    }
    all.wait();
  };
}

inline auto twostage(int writers, int readers, bool ok) {
  return [=] {
    int data1 = 0, data2 = 0;
    mutex m1, m2;
    wait_group all;
    for (int i = 0; i < writers; ++i) {
      all.go([&] {
        if (ok) m2.lock();
        m1.lock();
        data1 = 1;
        m1.unlock();
        if (!ok) m2.lock();
        data2 = data1 + 1;
        m2.unlock();
      });
    }
    for (int i = 0; i < readers; ++i) {
      all.go([&] {
        if (ok) m2.lock();
        m1.lock();
        const int t1 = data1;
        m1.unlock();
        if (!ok) m2.lock();
        const int t2 = data2;
        m2.unlock();
        if (t1 != 0 && t2 != t1 + 1) explore::fail("the second stage is missing");
      });
    }
    all.wait();
  };
}

inline auto lazy(bool ok) {
  return [=] {
    int data = 0;
    mutex m;
    wait_group all;
    all.go([&] { const std::lock_guard hold(m); ++data; });
    all.go([&] { const std::lock_guard hold(m); data += 2; });
    all.go([&] {
      const std::lock_guard hold(m);
      if (!ok && data >= 3) explore::fail("both were before");
    });
    all.wait();
  };
}

inline auto philosophers(int n, bool ok) {
  return [=] {
    const std::unique_ptr<mutex[]> forks(new mutex[static_cast<std::size_t>(n)]);
    wait_group all;
    for (int i = 0; i < n; ++i) {
      all.go([&, i] {
        int left = i, right = (i + 1) % n;
        if (ok && left > right) std::swap(left, right);
        const std::lock_guard first(forks[static_cast<std::size_t>(left)]);
        const std::lock_guard second(forks[static_cast<std::size_t>(right)]);
      });
    }
    all.wait();
  };
}

inline auto wrong_lock(bool ok) {
  return [=] {
    int data = 0;
    mutex a, b;
    wait_group all;
    all.go([&] { const std::lock_guard hold(a); ++data; });
    all.go([&] { const std::lock_guard hold(ok ? a : b); ++data; });
    all.wait();
  };
}

inline auto account(bool ok) {
  return [=] {
    int balance = 10;
    mutex m;
    wait_group all;
    const auto change = [&](int by) {
      m.lock();
      const int seen = balance;
      if (!ok) {
        m.unlock();
        m.lock();
      }
      balance = seen + by;
      m.unlock();
    };
    all.go([&] { change(5); });
    all.go([&] { change(-3); });
    all.wait();
    if (balance != 12) explore::fail("money is gone");
  };
}

}  // namespace kernels
