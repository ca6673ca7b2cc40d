// Objects that come and go: frees against uses, stacks used again, virtual pointers during destruction, static initialisation.

#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "program.hpp"

using namespace ravel;
using programs::keep;
using programs::together;
using programs::until;
using programs::use;

namespace {

// The first function runs before the second in real time; nothing the detector knows orders them.
template <class First, class Second>
void one_after_the_other(First first, Second second) {
  std::atomic<bool> done{false};
  together(
      [&] {
        first();
        done.store(true, std::memory_order_relaxed);
      },
      [&] {
        until([&] { return done.load(std::memory_order_relaxed); });
        second();
      });
}

}  // namespace

RAVEL_PROGRAM(race_use_then_free) {
  int* p = new int(0);
  one_after_the_other([=] { *p = 1; },      // races
                      [=] { delete p; });  // races
}

RAVEL_PROGRAM(race_use_of_the_end_then_free) {
  char* p = static_cast<char*>(std::malloc(4000));
  one_after_the_other([=] { p[3999] = 1; },       // races
                      [=] { std::free(p); });  // races
}

RAVEL_PROGRAM(race_free_then_use) {
  int* p = new int[10];
  one_after_the_other([=] { delete[] p; },      // races
                      [=] { use(p[9]); });  // races
}

RAVEL_PROGRAM(race_realloc_then_use) {
  int* p = static_cast<int*>(std::malloc(40));
  int* moved = nullptr;
  one_after_the_other([&] { moved = static_cast<int*>(std::realloc(p, 4000)); },  // races
                      [=] { use(p[9]); });                                     // races
  std::free(moved);
}

RAVEL_PROGRAM(race_aligned_free) {
  void* p = std::aligned_alloc(64, 128);
  one_after_the_other([=] { static_cast<char*>(p)[100] = 1; },  // races
                      [=] { std::free(p); });                   // races
}

RAVEL_PROGRAM(norace_free_ordered) {
  auto c = make_chan<std::unique_ptr<int>>(1);
  for (int i = 0; i < 100; ++i) {
    go([c] {
      auto p = std::make_unique<int>(1);
      *p = 2;
      c << std::move(p);
    });
    use(**c.recv());
  }
}

RAVEL_PROGRAM(norace_memory_used_again) {
  auto f = [] {
    for (int i = 0; i < 300; ++i) {
      std::vector<int> v(1 + i % 100);
      v.back() = i;
      keep(v);
      if (i % 10 == 0) yield();
    }
  };
  together(f, f, f, f);
}

RAVEL_PROGRAM(norace_stacks_used_again) {
  for (int i = 0; i < 500; ++i) {
    const int before = num_goroutine();
    go([i] {
      int local[100];
      for (int& each : local) each = i;
      keep(local);
    });
    until([&] { return num_goroutine() == before; });
  }
}

RAVEL_PROGRAM(norace_frames_used_again) {
  auto frame = [](wait_group& w, int n) {
    int local[50] = {};
    w.add(1);
    go([&] {
      local[n % 50] = n;
      w.done();
    });
    w.wait();
    use(local[0]);
  };
  wait_group w;
  for (int i = 0; i < 200; ++i) frame(w, i);
}

namespace {

struct shape {
  std::atomic<bool>* used = nullptr;
  virtual int sides() { return 0; }
  virtual ~shape() {}  // races
};
struct square : shape {
  int sides() override { return 4; }
  ~square() override {  // races
    until([this] { return used->load(std::memory_order_relaxed); });
  }
};
struct left : virtual shape {
  int l = 1;
};
struct right : virtual shape {
  int r = 2;
};
struct both : left, right {
  int sides() override { return l + r; }
};

}  // namespace

// The virtual pointer changes when the destructor of the base begins.
RAVEL_PROGRAM(race_vptr_harmful) {
  std::atomic<bool> used{false};
  shape* s = new square;
  s->used = &used;
  together(
      [&] {
        use(s->sides());  // races
        used.store(true, std::memory_order_relaxed);
      },
      [&] { delete s; });  // races
}

RAVEL_PROGRAM(race_vptr_harmful_member_pointer) {
  std::atomic<bool> used{false};
  shape* s = new square;
  s->used = &used;
  int (shape::*f)() = &shape::sides;
  keep(f);
  together(
      [&] {
        use((s->*f)());  // races
        used.store(true, std::memory_order_relaxed);
      },
      [&] { delete s; });  // races
}

RAVEL_PROGRAM(norace_virtual_inheritance) {
  auto f = [] {
    both b;
    keep(b);
    use(static_cast<left&>(b).sides());
  };
  together(f, f);
}

namespace {

struct table {
  std::vector<int> rows;
  table() : rows(100, 7) {}
};
table& the_table() {
  static table t;
  return t;
}

}  // namespace

RAVEL_PROGRAM(norace_static_initialisation) {
  auto f = [] { use(the_table().rows[50]); };
  together(f, f, f, f);
}

RAVEL_PROGRAM(race_static_object_after_initialisation) {
  auto f = [] { the_table().rows[50] = 1; };  // races
  together(f, f);
}

RAVEL_PROGRAM(race_with_a_goroutine_that_has_ended) {
  int x = 0;
  const int before = num_goroutine();
  go([&] { x = 1; });  // races
  until([&] { return num_goroutine() == before; });
  go([&] { x = 2; });  // races
  until([&] { return num_goroutine() == before; });
}

RAVEL_PROGRAM(race_from_deep_stack) {
  int x = 0;
  std::function<void(int)> deep = [&](int n) {
    int pad[16] = {};
    keep(pad);
    if (n == 0) x = 1;  // races
    else deep(n - 1);
  };
  together([&] { deep(100); }, [&] { deep(50); });
}

RAVEL_PROGRAM(norace_unique_ownership_through_channels) {
  auto ring = make_chan<std::vector<std::string>>(1);
  auto pass = [&] {
    for (int i = 0; i < 100; ++i) {
      auto v = *ring.recv();
      v.push_back(std::string(40, 'x'));
      if (v.size() > 20) v.clear();
      ring << std::move(v);
    }
  };
  ring << std::vector<std::string>{};
  together(pass, pass, pass);
}
