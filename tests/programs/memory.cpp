// Plain memory: expressions, control flow, structs, arrays. The optimiser must hide no race, and nothing may be seen that is not accessed.

#include <array>
#include <complex>
#include <cstdint>
#include <tuple>

#include "program.hpp"

using namespace ravel;
using programs::keep;
using programs::together;
using programs::until;
using programs::use;

namespace {

int global_x = 0;
void global_write() { global_x = 2; }                // races
void global_read() { use(global_x); }                // races

struct point {
  int x = 0, y = 0;
};
struct named_point {
  const char* name = "a";
  point p;
};
struct pair_of_points {
  point s1, s2;
};
struct pointers {
  point *s1 = nullptr, *s2 = nullptr;
};

}  // namespace

RAVEL_PROGRAM(race_int_rw_global_funcs) { together(global_write, global_read); }

RAVEL_PROGRAM(race_int32_rw_closures) {
  std::int32_t x = 0, y = 0;
  together([&] { y = x; },  // races
           [&] { x = 1; });  // races
  keep(y);
}

RAVEL_PROGRAM(race_case_condition) {
  int x = 0;
  together([&] { x = 2; },  // races
           [&] {
             switch (x) {  // races
               case 0:
               case 1: x = 1;  // races
             }
           });
}

RAVEL_PROGRAM(race_case_body) {
  int x = 0, y = 0;
  together([&] { y = x; },  // races
           [&] {
             switch (x) {  // races
               case 100: x = -x; break;
               default: x = 1;  // races
             }
           });
  keep(y);
}

RAVEL_PROGRAM(race_case_fallthrough) {
  int x = 0, z = 1;
  together([&] { use(x); },  // races
           [&] {
             switch (z) {
               case 1: [[fallthrough]];
               case 2: x = 2;  // races
             }
           });
}

RAVEL_PROGRAM(norace_range) {
  auto c = make_chan<int>(3);
  std::array<int, 3> a{1, 2, 3};
  for (int v : a) go([c, v] { c << v; });
  for (std::size_t i = 0; i < a.size(); ++i) c.recv();
}

RAVEL_PROGRAM(race_range) {
  std::array<int, 2> a{};
  int i = 0, sum[2] = {};
  auto over = make_chan<bool>(2);
  for (; i < 2; ++i) {  // races
    go([&] {
      const int mine = i;  // races
      if (mine < 2) use(a[mine]);
      over << true;
    });
  }
  over.recv();
  over.recv();
  keep(sum);
}

RAVEL_PROGRAM(race_for_init) {
  int x = 0;
  together([&] { use(x); },  // races
           [&] {
             for (x = 42; false;) {}  // races
           });
}

RAVEL_PROGRAM(race_for_test) {
  auto c = make_chan<bool>();
  bool stop = false;
  together(
      [&] {
        for (bool each : c) {
          use(each);
          stop = true;  // races
        }
      },
      [&] {
        while (!stop) c << true;  // races
        c.close();
      });
}

RAVEL_PROGRAM(race_for_incr) {
  auto c = make_chan<bool>();
  int x = 0;
  together(
      [&] {
        for (bool each : c) {
          use(each);
          x++;  // races
        }
      },
      [&] {
        for (int i = 0; i < 10; x++) {  // races
          i++;
          c << true;
        }
        c.close();
      });
}

RAVEL_PROGRAM(norace_for_incr) {
  int x = 0;
  together([&] { x++; }, [&] {
    for (int i = 0; i < 0; x++) ++i;
  });
}

RAVEL_PROGRAM(race_plus) {
  int x = 1, y = 0, z = 2;
  together([&] { y = x + z; },       // races
           [&] { y = x + z + z; });  // races
}

RAVEL_PROGRAM(race_plus2) {
  int x = 0, y = 0, z = 2;
  together([&] { x = 1; },        // races
           [&] { y = +x + z; });  // races
}

RAVEL_PROGRAM(race_complement) {
  int x = 0, y = 0, z = 0;
  together([&] { x = ~y; },   // races
           [&] { y = ~z; });  // races
}

RAVEL_PROGRAM(race_mod) {
  int x = 0, y = 0, z = 0;
  together([&] { x = y % (z + 1); },  // races
           [&] { y = z; });           // races
}

RAVEL_PROGRAM(race_mod_const) {
  int x = 0, y = 0, z = 0;
  together([&] { x = y % 3; },  // races
           [&] { y = z; });     // races
}

RAVEL_PROGRAM(race_rotate) {
  std::uint32_t x = 0, y = 1, z = 0;
  together([&] { x = y << 12 | y >> 20; },  // races
           [&] { y = z; });                 // races
}

RAVEL_PROGRAM(race_array_copy) {
  std::array<int, 5> a{};
  together([&] { a[3] = 1; },             // races
           [&] { a = {1, 2, 3, 4, 5}; });  // races
}

RAVEL_PROGRAM(race_nested_array_copy) {
  struct grid {
    std::array<std::array<point, 100>, 100> points;
  };
  static grid a, b;
  together([&] { a.points[73][21].y = 1; },  // races
           [&] {
             b = a;  // races
             keep(b);
           });
}

RAVEL_PROGRAM(norace_nested_array_copy_of_the_other_half) {
  struct grid {
    std::array<std::array<point, 100>, 50> half[2];
  };
  static grid a, b;
  together([&] { a.half[1][0][0].x = 1; }, [&] { b.half[0] = a.half[0]; });
  keep(b);
}

RAVEL_PROGRAM(race_struct_field_rw1) {
  point p;
  together([&] { p.x = 1; },    // races
           [&] { use(p.x); });  // races
}

RAVEL_PROGRAM(norace_struct_field_rw1) {
  point p;
  together([&] { p.x = 1; }, [&] { p.y = 1; });
}

RAVEL_PROGRAM(norace_struct_field_rw2) {
  auto* p = new point;
  together([=] { p->x = 1; }, [=] { p->y = 1; });
  delete p;
}

RAVEL_PROGRAM(race_struct_field_rw2) {
  auto* p = new point;
  together([=] { p->x = 1; },    // races
           [=] { use(p->x); });  // races
  delete p;
}

RAVEL_PROGRAM(race_struct_field_rw3) {
  named_point p;
  together([&] { p.p.x = 1; },    // races
           [&] { use(p.p.x); });  // races
}

RAVEL_PROGRAM(race_intptr_rw) {
  int x = 0, y = 0;
  int* p = &x;
  together([&] { *p = 5; },  // races
           [&] { y = *p; });  // races
}

RAVEL_PROGRAM(race_complex128_ww) {
  std::complex<double> x;
  together([&] { x = {2, 2}; },   // races
           [&] { x = {4, 4}; });  // races
}

RAVEL_PROGRAM(norace_blank) {
  int a[5] = {};
  together(
      [&] {
        use(a[0]);
        use(a[1]);
      },
      [&] {
        use(a[2]);
        use(a[3]);
      });
  a[1] = a[0];
}

RAVEL_PROGRAM(norace_func_args_rw) {
  char x = 0;
  auto c = make_chan<char>(1);
  go([c](char y) { c << y; }, x);
  x = 1;
  c.recv();
  keep(x);
}

RAVEL_PROGRAM(race_indirection) {
  int y = 0;
  int* x = &y;
  together([&] { *x = 1; },   // races
           [&] { *x = 2; });  // races
}

RAVEL_PROGRAM(race_rune) {
  char32_t x = 0;
  together([&] { x = 1; },    // races
           [&] { use(x); });  // races
}

// A variable on the stack of a goroutine, written by another.
RAVEL_PROGRAM(race_tls) {
  auto c = make_chan<int*>();
  together(
      [&] {
        int x = 0;
        c << &x;
        x = 1;  // races
        x = **c.recv();
      },
      [&] {
        int* p = *c.recv();
        *p = 2;  // races
        c << p;
      });
}

RAVEL_PROGRAM(race_and2) {
  int x = 0, y = 0;
  bool both = false;
  together([&] { x = 1; },  // races
           [&] {
             if (y == 0 && x == 1) both = true;  // races
           });
  keep(both);
}

RAVEL_PROGRAM(race_or2) {
  int x = 0, y = 0;
  bool one = false;
  together([&] { x = 1; },  // races
           [&] {
             if (y == 1 || x == 1) one = true;  // races
           });
  keep(one);
}

RAVEL_PROGRAM(norace_or) {
  int x = 0, y = 0;
  bool one = false;
  together([&] { x = 1; }, [&] {
    if (y == 0 || x == 1) one = true;
  });
  keep(one);
}

RAVEL_PROGRAM(race_struct_init) {
  int y = 0;
  together([&] { y = 42; },  // races
           [&] {
             point p{.x = y};  // races
             keep(p);
           });
}

RAVEL_PROGRAM(race_array_init) {
  int y = 0;
  together([&] { y = 42; },  // races
           [&] {
             int a[] = {0, y, 42};  // races
             keep(a);
           });
}

RAVEL_PROGRAM(race_func_call) {
  int x = 0, y = 0;
  auto f = [](int a, int b) { use(a + b); };
  together([&] { y = 42; },     // races
           [&] { f(x, y); });  // races
}

RAVEL_PROGRAM(norace_addr_expr) {
  int x = 0;
  together([&] { x = 42; }, [&] { use(&x); });
}

RAVEL_PROGRAM(race_block_as) {
  int x = 0, y = 0;
  together([&] { x = 42; },                        // races
           [&] { std::tie(x, y) = std::tuple(y, x); });  // races
}

RAVEL_PROGRAM(race_block_call1) {
  int x = 0, y = 0;
  auto f = [] { return std::tuple(42, 43); };
  together([&] { std::tie(x, y) = f(); },  // races
           [&] { use(x); });               // races
}

RAVEL_PROGRAM(race_block_call3) {
  int *x = nullptr, y = 0, i = 42;
  auto f = [&] { return std::tuple(&i, 43); };
  together([&] { std::tie(x, y) = f(); },  // races
           [&] { use(x); });               // races
}

RAVEL_PROGRAM(race_block_call4) {
  int x = 0, *y = nullptr, i = 43;
  auto f = [&] { return std::tuple(42, &i); };
  together([&] { std::tie(x, y) = f(); },  // races
           [&] { use(y); });               // races
}

RAVEL_PROGRAM(race_block_call5) {
  int *x = nullptr, y = 0, i = 42;
  auto f = [&](int*& a, int& b) { a = &i, b = 43; };  // races
  together([&] { f(x, y); },                          // races
           [&] { use(y); });                          // races
}

RAVEL_PROGRAM(race_block_call6) {
  int x = 0, *y = nullptr, i = 43;
  auto f = [&](int& a, int*& b) { a = 42, b = &i; };  // races
  together([&] { f(x, y); },                          // races
           [&] { use(x); });                          // races
}

RAVEL_PROGRAM(race_heap_param) {
  auto over = make_chan<bool>();
  auto* x = [&] {
    auto* result = new int(0);
    go([=] {
      *result = 42;  // races
      over << true;
    });
    return result;
  }();
  use(*x);  // races
  over.recv();
  delete x;
}

RAVEL_PROGRAM(race_nested_struct) {
  struct outer {
    point x;
  } y;
  auto c = make_chan<outer>();
  go([&] { c << y; });  // races
  y.x.y = 42;           // races
  c.recv();
}

RAVEL_PROGRAM(race_comp2) {
  pair_of_points s;
  together([&] { s.s1.x = 1; },  // races
           [&] { s = {}; });     // races
}

RAVEL_PROGRAM(race_comp3) {
  pair_of_points s;
  together([&] { s.s2.y = 1; },  // races
           [&] { s = {}; });     // races
}

RAVEL_PROGRAM(race_comp_array) {
  pair_of_points s[10];
  int x = 4;
  together([&] { s[x].s2.y = 1; },  // races
           [&] { x = 5; });         // races
}

RAVEL_PROGRAM(race_conv1) {
  struct p2 : point {} p;
  together([&] { p.x = 1; },                             // races
           [&] { use(static_cast<const point&>(p).x); });  // races
}

RAVEL_PROGRAM(race_conv4) {
  struct many {
    std::array<point, 4> v;
  };
  struct x2 : many {} x;
  together([&] { x.v[1].x = 1; },                           // races
           [&] { use(static_cast<const many&>(x).v[1].x); });  // races
}

RAVEL_PROGRAM(norace_comp_ptr) {
  point a, b;
  pointers p{&a, &b};
  together([&] { p.s1->x = 1; }, [&] { p.s1->y = 2; });
}

RAVEL_PROGRAM(race_comp_ptr) {
  point a, b;
  pointers p{&a, &b};
  together([&] { p.s2->x = 1; },   // races
           [&] { p.s2->x = 2; });  // races
}

RAVEL_PROGRAM(race_comp_ptr2) {
  point a, b, c;
  pointers p{&a, &b};
  together([&] { p.s2->x = 1; },  // races
           [&] { p.s2 = &c; });   // races
}
