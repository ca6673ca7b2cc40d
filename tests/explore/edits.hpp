#pragma once
// Kernels whose programs can be edited: one operation more before or after what matters, in main, or one goroutine more. Each is written as a
// list of goroutines that run between `begin` and `check`; the edit is made in the function that the kernel's own operations are in.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include <ravel/explore.hpp>
#include <ravel/ravel.hpp>

namespace edits {

using namespace ravel;

enum class edit { none, before, after, in_main, another_goroutine };
inline constexpr edit all_edits[] = {edit::before, edit::after, edit::in_main, edit::another_goroutine};
inline const char* name_of(edit e) {
  constexpr const char* names[] = {"unmodified", "before", "after", "in main", "another goroutine"};
  return names[static_cast<int>(e)];
}

struct around {
  edit e;
  std::atomic<int> other{0};
  explicit around(edit how) : e(how) {}
};
#define EDIT(which) \
  if (k.e == edit::which) k.other.fetch_add(1)

// Begins the goroutines of a kernel, maybe one more.
template <class... F>
void run(around& k, F... goroutines) {
  wait_group all;
  if (k.e == edit::another_goroutine) all.go([&] { k.other.fetch_add(1); });
  EDIT(in_main);
  (all.go(goroutines), ...);
  all.wait();
}

inline void reorder(edit e, int setters) {
  around k(e);
  std::atomic<int> a{0}, b{0};
  wait_group all;
  if (e == edit::another_goroutine) all.go([&] { k.other.fetch_add(1); });
  EDIT(in_main);
  for (int i = 0; i < setters; ++i) {
    all.go([&] {
      EDIT(before);
      a.store(1);
      b.store(-1);
      EDIT(after);
    });
  }
  all.go([&] {
    EDIT(before);
    const int x = a.load(), y = b.load();
    EDIT(after);
    if (x + y != 0) explore::fail("reordered");
  });
  all.wait();
}
inline void reorder_3(edit e) { reorder(e, 2); }
inline void reorder_4(edit e) { reorder(e, 3); }
inline void reorder_10(edit e) { reorder(e, 9); }

inline void twostage(edit e) {
  around k(e);
  int data1 = 0, data2 = 0;
  mutex m1, m2;
  run(k,
      [&] {
        EDIT(before);
        { const std::lock_guard hold(m1); data1 = 1; }
        { const std::lock_guard hold(m2); data2 = data1 + 1; }
        EDIT(after);
      },
      [&] {
        int t1 = 0, t2 = 0;
        EDIT(before);
        { const std::lock_guard hold(m1); t1 = data1; }
        if (t1 == 0) return;
        { const std::lock_guard hold(m2); t2 = data2; }
        EDIT(after);
        if (t2 != t1 + 1) explore::fail("the second stage is missing");
      });
}

inline void lazy01(edit e) {
  around k(e);
  int data = 0;
  mutex m;
  const auto add = [&](int by) {
    EDIT(before);
    const std::lock_guard hold(m);
    data += by;
    EDIT(after);
  };
  run(k, [&] { add(1); }, [&] { add(2); }, [&] {
    EDIT(before);
    const std::lock_guard hold(m);
    EDIT(after);
    if (data >= 3) explore::fail("both were before");
  });
}

inline void account(edit e) {
  around k(e);
  int balance = 10;
  mutex m;
  const auto change = [&](int by) {
    EDIT(before);
    m.lock();
    const int seen = balance;
    m.unlock();
    m.lock();
    balance = seen + by;
    m.unlock();
    EDIT(after);
  };
  run(k, [&] { change(5); }, [&] { change(-3); });
  if (balance != 12) explore::fail("money is gone");
}

inline void wronglock(edit e) {
  around k(e);
  int data = 0;
  mutex a, b;
  const auto add = [&](mutex& m) {
    EDIT(before);
    const std::lock_guard hold(m);
    ++data;
    EDIT(after);
  };
  run(k, [&] { add(a); }, [&] { add(b); });
}

inline void deadlock01(edit e) {
  around k(e);
  mutex a, b;
  const auto both = [&](mutex& first, mutex& second) {
    EDIT(before);
    const std::lock_guard outer(first);
    const std::lock_guard inner(second);
    EDIT(after);
  };
  run(k, [&] { both(a, b); }, [&] { both(b, a); });
}

// Who comes first and last holds the lock that those between need.
inline void carter01(edit e) {
  around k(e);
  mutex m, l;
  std::atomic<int> a{0}, b{0};
  run(k,
      [&] {
        EDIT(before);
        m.lock();
        if (a.fetch_add(1) == 0) l.lock();
        m.unlock();
        m.lock();
        if (a.fetch_sub(1) == 1) l.unlock();
        m.unlock();
        EDIT(after);
      },
      [&] {
        EDIT(before);
        l.lock();
        m.lock();
        b.fetch_add(1);
        m.unlock();
        l.unlock();
        EDIT(after);
      });
}

inline void circular_buffer(edit e) {
  around k(e);
  std::atomic<int> first{0}, next{0}, sent[3] = {};
  run(k,
      [&] {
        EDIT(before);
        for (int i = 0; i < 3; ++i) {
          const int at = next.load();
          next.store(at + 1);
          sent[at].store(i + 1);
        }
        EDIT(after);
      },
      [&] {
        EDIT(before);
        for (int i = 0; i < 3; ++i) {
          const int at = first.load();
          if (at >= next.load()) continue;
          first.store(at + 1);
          if (sent[at].load() == 0) explore::fail("taken before it was there");
        }
        EDIT(after);
      });
}

inline void queue(edit e) {
  around k(e);
  mutex m;
  int stored = 0;
  std::atomic<bool> enqueued{false};
  run(k,
      [&] {
        EDIT(before);
        for (int i = 0; i < 3; ++i) {
          enqueued.store(true);
          const std::lock_guard hold(m);
          ++stored;
        }
        EDIT(after);
      },
      [&] {
        EDIT(before);
        for (int i = 0; i < 3; ++i) {
          if (!enqueued.load()) continue;
          const std::lock_guard hold(m);
          if (stored-- == 0) explore::fail("the queue is empty");
        }
        EDIT(after);
      });
}

inline void sync01(edit e) {
  around k(e);
  mutex m;
  cond changed(m);
  int n = 0;
  const auto take = [&] {
    EDIT(before);
    const std::lock_guard hold(m);
    changed.wait([&] { return n > 0; });
    --n;
    EDIT(after);
  };
  run(k,
      [&] {
        EDIT(before);
        const std::lock_guard hold(m);
        n += 2;
        changed.signal();  // both may wait
        EDIT(after);
      },
      take, take);
}

inline void din_phil(edit e, int n) {
  around k(e);
  const std::unique_ptr<mutex[]> forks(new mutex[static_cast<std::size_t>(n)]);
  wait_group all;
  if (e == edit::another_goroutine) all.go([&] { k.other.fetch_add(1); });
  EDIT(in_main);
  for (int i = 0; i < n; ++i) {
    all.go([&, i] {
      EDIT(before);
      const std::lock_guard first(forks[static_cast<std::size_t>(i)]);
      const std::lock_guard second(forks[static_cast<std::size_t>((i + 1) % n)]);
      EDIT(after);
    });
  }
  all.wait();
}
inline void din_phil2(edit e) { din_phil(e, 2); }
inline void din_phil3(edit e) { din_phil(e, 3); }
inline void din_phil4(edit e) { din_phil(e, 4); }
inline void din_phil5(edit e) { din_phil(e, 5); }

inline void arithmetic_prog(edit e) {
  around k(e);
  std::atomic<int> n{0};
  auto numbers = make_chan<int>(2);
  run(k,
      [&] {
        EDIT(before);
        for (int i = 1; i <= 3; ++i) n.store(n.load() + i);
        numbers << 1;
        EDIT(after);
      },
      [&] {
        EDIT(before);
        for (int i = 1; i <= 3; ++i) n.store(n.load() + i);
        numbers << 1;
        EDIT(after);
      });
  if (n.load() != 12) explore::fail("a term is missing");
}

// CVE-2013-1792 and its like: the owner frees what another has just looked up.
inline void look_up_and_free(edit e) {
  around k(e);
  std::atomic<int> valid{1}, freed{0};
  run(k,
      [&] {
        EDIT(before);
        if (valid.load() == 0) return;
        if (freed.load() != 0) explore::fail("used after it was freed");
        EDIT(after);
      },
      [&] {
        EDIT(before);
        valid.store(0);
        freed.store(1);
        EDIT(after);
      });
}

struct kernel {
  const char* name;
  void (*body)(edit);
};
inline constexpr kernel kernels[] = {
    {"reorder_3", reorder_3},     {"reorder_4", reorder_4},   {"reorder_10", reorder_10}, {"twostage", twostage},
    {"lazy01", lazy01},           {"account", account},       {"wronglock", wronglock},   {"deadlock01", deadlock01},
    {"carter01", carter01},       {"circular_buffer", circular_buffer}, {"queue", queue}, {"sync01", sync01},
    {"din_phil2", din_phil2},     {"din_phil3", din_phil3},   {"din_phil4", din_phil4},   {"din_phil5", din_phil5},
    {"arithmetic_prog", arithmetic_prog}, {"look_up_and_free", look_up_and_free},
};

#undef EDIT

struct outcome {
  int lines = 0;             // of different failures' seeds
  int unmodified = 0, exact = 0, near = 0, edited = 0;   // replays that reproduced: of the program as it was; after an edit, by the line itself; near it
  std::size_t longest = 0;
};

inline outcome try_edits(const kernel& of, int seeds) {
  outcome o;
  for (int seed = 1; seed <= seeds; ++seed) {
    const explore::result found = explore::run([&] { of.body(edit::none); }, {.schedules = 3000, .seed = static_cast<std::uint64_t>(seed), .lock_order = false});
    if (found.failures.empty()) continue;
    const std::string& line = found.failures[0].schedule;
    ++o.lines;
    o.longest = std::max(o.longest, line.size());
    const explore::result again = explore::replay([&] { of.body(edit::none); }, line);
    o.unmodified += again.schedules == 1 && !again.failures.empty() && again.failures[0].message == found.failures[0].message;
    for (const edit e : all_edits) {
      const explore::result r = explore::replay([&] { of.body(e); }, line);
      const bool same = r.verdict.rfind("reproduced", 0) == 0 && !r.failures.empty() && r.failures[0].kind == found.failures[0].kind;
      ++o.edited;
      o.exact += same && r.schedules == 1;
      o.near += same && r.verdict.find("by another schedule") == std::string::npos;
    }
  }
  return o;
}

}  // namespace edits
