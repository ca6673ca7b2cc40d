// Virtual functions, std::function, std::any, exceptions, recursion: where Go has interfaces, function values and panics.

#include <any>
#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <variant>

#include "program.hpp"

using namespace ravel;
using programs::keep;
using programs::together;
using programs::until;
using programs::use;

namespace {

struct writer {
  virtual ~writer() = default;
  virtual int write(int n) = 0;
};
struct dummy_writer final : writer {
  int state;
  explicit dummy_writer(int s) : state(s) {}
  int write(int n) override { return state + n; }
};
struct base {  // races
  int value = 0;
  int get() const { return value; }  // races
  virtual int virtual_get() const { return value; }  // races
  virtual ~base() = default;
  base() = default;
  base(const base&) = default;  // races
  base& operator=(const base&) = default;
};

std::string issue12664 = "hi";
std::any issue12664_2 = 0;
int issue12664_4 = 0;

}  // namespace

RAVEL_PROGRAM(race_issue12664) {
  together([] { issue12664 = "bye"; },          // races
           [] { use(issue12664.size()); });  // races
}

RAVEL_PROGRAM(race_issue12664_2) {
  together([] { issue12664_2 = 1; },                           // races
           [] { use(std::any_cast<int>(issue12664_2)); });  // races
}

RAVEL_PROGRAM(race_issue12664_4) {
  together([] { issue12664_4 = 1; },  // races
           [] {
             const std::any i = 0;
             issue12664_4 = std::any_cast<int>(i);  // races
           });
  keep(issue12664_4);
}

RAVEL_PROGRAM(race_case_type) {
  std::variant<std::monostate, int> i = 5;
  together([&] { use(i.index()); },             // races
           [&] { i = std::monostate{}; });  // races
}

RAVEL_PROGRAM(race_case_type_issue5890) {
  std::array<std::any, 2> m{1, 2};
  together([&] { use(m[1].type() == typeid(int)); },  // races
           [&] { m[1] = std::string("text"); });      // races
}

RAVEL_PROGRAM(race_eface_ww) {
  std::any a = 0;
  together([&] { a = 1; },   // races
           [&] { a = 2; });  // races
}

RAVEL_PROGRAM(race_iface_ww) {
  dummy_writer one(1), two(2);
  writer* a = nullptr;
  together([&] { a = &one; },   // races
           [&] { a = &two; });  // races
}

RAVEL_PROGRAM(race_iface_cmp) {
  dummy_writer one(1), two(2);
  writer *a = &one, *b = &two;
  together([&] { a = &two; },           // races
           [&] { use(a == b); });  // races
}

RAVEL_PROGRAM(race_eface_conv) {
  int v = 0;
  auto over = make_chan<bool>();
  go([&] {
    go([](std::any) {}, std::any(v));  // races
    over << true;
  });
  v = 42;  // races
  over.recv();
}

RAVEL_PROGRAM(race_error) {
  std::exception_ptr error = nullptr;
  std::exception_ptr other = std::make_exception_ptr(1);
  together([&] { error = other; },                          // races
           [&] { use(error == nullptr); });  // races
}

RAVEL_PROGRAM(race_func_variable_rw) {
  int (*f)(int) = [](int x) { return x * x; };
  together([&] { f = [](int x) { return x; }; },  // races
           [&] { use(f(1)); });                   // races
}

RAVEL_PROGRAM(race_func_variable_ww) {
  std::function<int(int)> f;
  together([&] { f = [](int x) { return x; }; },       // races
           [&] { f = [](int x) { return x * x; }; });  // races
}

RAVEL_PROGRAM(race_func_itself) {
  void (*f)() = [] {};
  together([&] { f(); },          // races
           [&] { f = [] {}; });  // races
}

RAVEL_PROGRAM(race_inter_call) {
  dummy_writer one(1), two(2);
  writer* x = &one;
  together([&] { x = &two; },          // races
           [&] { use(x->write(0)); });  // races
}

RAVEL_PROGRAM(race_method_call2) {
  dummy_writer one(1), two(2);
  dummy_writer* i = &one;
  together([&] { i = &two; },          // races
           [&] { use(i->write(0)); });  // races
}

RAVEL_PROGRAM(race_method_value) {
  base i;
  together([&] { i.value = 1; },  // races
           [&] {
             auto f = [copy = i] { return copy.get(); };  // races
             use(f());
           });
}

RAVEL_PROGRAM(race_method_value3) {
  auto* i = new base;
  together([&] { i->value = 1; },  // races
           [&] {
             auto f = std::bind(&base::get, *i);  // races
             use(f());
           });
  delete i;
}

RAVEL_PROGRAM(race_method_thunk2) {
  struct derived {
    int pad = 0;
    base b;
  } d;
  together(
      [&] {
        auto f = std::mem_fn(&base::get);
        use(f(d.b));
      },
      [&] { d.b.value = 1; });  // races
}

RAVEL_PROGRAM(race_method_thunk3) {
  struct derived {
    int pad = 0;
    base* b;
  };
  base one, two;
  derived d{0, &one};
  together([&] { use(std::mem_fn(&base::get)(d.b)); },  // races
           [&] { d.b = &two; });                        // races
}

RAVEL_PROGRAM(race_method_thunk4) {
  struct derived {
    int pad = 0;
    base* b;
  };
  base one;
  derived d{0, &one};
  together([&] { use(d.b->virtual_get()); },
           [&] { d.b->value = 42; });  // races
}

RAVEL_PROGRAM(norace_virtual_calls) {
  dummy_writer w(3);
  writer* p = &w;
  auto call = [=] { use(p->write(1)); };
  together(call, call, call);
}

namespace {

int recursive_sum(const int* data, int n) {
  if (n == 1) return *data;  // races
  return recursive_sum(data, n / 2) + recursive_sum(data + n / 2, n - n / 2);
}

void throw_at(int depth, int& touched) {
  touched += depth;
  if (depth == 0) throw std::runtime_error("deep enough");
  throw_at(depth - 1, touched);
}

int counted_once() {
  static int calls = [] { return 41; }();
  return calls;
}

}  // namespace

RAVEL_PROGRAM(race_recursion) {
  int data[64] = {};
  together([&] { use(recursive_sum(data, 64)); },
           [&] { data[37] = 1; });  // races
}

// After an exception has unwound many instrumented frames, stacks are right again.
RAVEL_PROGRAM(race_after_exception) {
  int x = 0;
  auto f = [&] {
    int touched = 0;
    for (int i = 0; i < 20; ++i) {
      try {
        throw_at(i, touched);
      } catch (const std::runtime_error&) {
        ++touched;
      }
    }
    use(touched);
    x = 1;  // races
  };
  together(f, f);
}

RAVEL_PROGRAM(norace_exceptions) {
  auto f = [] {
    int touched = 0;
    for (int i = 0; i < 200; ++i) {
      try {
        throw_at(i % 7, touched);
      } catch (const std::exception& e) {
        use(std::strlen(e.what()));
      }
    }
  };
  together(f, f, f);
}

RAVEL_PROGRAM(race_exception_object) {
  std::exception_ptr shared;
  try {
    throw std::array<int, 4>{};
  } catch (...) {
    shared = std::current_exception();
  }
  auto f = [&] {
    std::exception_ptr mine = shared;
    try {
      std::rethrow_exception(mine);
    } catch (std::array<int, 4>& a) {
      ++a[2];  // races
    }
  };
  together(f, f);
}

RAVEL_PROGRAM(norace_function_local_static) {
  auto f = [] { use(counted_once()); };
  together(f, f, f, f);
}

RAVEL_PROGRAM(race_function_local_static_after) {
  auto f = [] {
    static int calls = counted_once();
    ++calls;  // races
    use(calls);  // races
  };
  together(f, f);
}

RAVEL_PROGRAM(norace_lambda_captures_by_value) {
  int x = 1;
  std::string text(64, 'x');
  auto over = make_chan<bool>(2);
  for (int i = 0; i < 2; ++i) {
    go([x, text, over]() mutable {
      ++x;
      text += 'y';
      over << true;
    });
  }
  ++x;
  text += 'z';
  over.recv();
  over.recv();
}

// Memory that another has freed comes back with a new life.
RAVEL_PROGRAM(norace_heap_reallocation) {
  auto f = [] {
    for (int i = 0; i < 200; ++i) {
      auto* p = new int(i);
      *p += 1;
      keep(*p);
      delete p;
      yield();
    }
  };
  together(f, f, f);
}

RAVEL_PROGRAM(norace_stack_push_pop) {
  struct stack {
    std::array<int, 4> data{};
    int top = 0;
    void push(int v) { data[top++] = v; }
    int pop() { return data[--top]; }
  } s;
  auto c = make_chan<bool>();
  go([c](stack*) { c << true; }, &s);
  s.push(1);
  use(s.pop());
  c.recv();
}

// Fields checked by one call, before the first is accessed: each is found for itself, and what is not accessed is not.

namespace {
struct four_fields { long first = 0; short second = 0; char third = 0, not_used = 0; int fourth = 0; };
four_fields grouped;
[[gnu::noinline]] long sum_of_three(const four_fields& f) { return f.first + f.third + f.fourth; }
[[gnu::noinline]] void set_second_and_unused(four_fields& f) { f.second = 1, f.not_used = 2; }
[[gnu::noinline]] void set_third(four_fields& f) { f.third = 3; }  // races
[[gnu::noinline]] long sum_with_third(const four_fields& f) {
  return f.first + f.fourth +
         f.third;  // races
}
}  // namespace

RAVEL_PROGRAM(norace_fields_between_fields) {
  together([] { use(sum_of_three(grouped)); }, [] { set_second_and_unused(grouped); });
}

RAVEL_PROGRAM(race_last_of_the_fields) {
  together([] { set_third(grouped); }, [] { use(sum_with_third(grouped)); });
}
