// std::vector, spans and std::string where Go has slices and strings.

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "program.hpp"

using namespace ravel;
using programs::keep;
using programs::together;
using programs::use;

RAVEL_PROGRAM(race_slice_ww) {
  std::vector<int> a(10);
  together([&] { a[1] = 1; },   // races
           [&] { a[1] = 2; });  // races
}

RAVEL_PROGRAM(norace_array_ww) {
  int a[5] = {};
  together([&] { a[0] = 1; }, [&] { a[1] = 2; });
}

RAVEL_PROGRAM(norace_slice_write_len) {
  std::vector<char> a(1);
  together([&] { a[0] = 1; }, [&] { use(a.size()); });
}

RAVEL_PROGRAM(norace_slice_write_cap) {
  std::vector<std::uint64_t> a(100);
  together([&] { a[50] = 123; }, [&] { use(a.capacity()); });
}

RAVEL_PROGRAM(race_slice_copy_read) {
  std::vector<int> a(10), b(10);
  together([&] { use(a[5]); },                               // races
           [&] { std::copy(b.begin(), b.end(), a.begin()); });  // races
}

RAVEL_PROGRAM(norace_slice_copy_read) {
  std::vector<int> a(10), b(10);
  together([&] { use(b[5]); }, [&] { std::copy(b.begin(), b.end(), a.begin()); });
}

RAVEL_PROGRAM(race_pointer_slice_copy_read) {
  std::vector<int*> a(10), b(10);
  together([&] { use(a[5]); },                               // races
           [&] { std::copy(b.begin(), b.end(), a.begin()); });  // races
}

RAVEL_PROGRAM(norace_pointer_slice_write_copy) {
  std::vector<int*> a(10), b(10);
  together([&] { a[5] = nullptr; }, [&] { std::copy(b.begin(), b.begin() + 5, a.begin()); });
}

RAVEL_PROGRAM(race_pointer_slice_copy_write2) {
  std::vector<int*> a(10), b(10);
  together([&] { b[5] = nullptr; },                          // races
           [&] { std::copy(b.begin(), b.end(), a.begin()); });  // races
}

RAVEL_PROGRAM(norace_pointer_slice_copy_read) {
  std::vector<int*> a(10), b(10);
  together([&] { use(b[5]); }, [&] { std::copy(b.begin(), b.end(), a.begin()); });
}

RAVEL_PROGRAM(race_slice_write_slice) {
  double data[10] = {};
  std::span<double> a(data);
  together([&] { a[2] = 1; },              // races
           [&] { a = a.subspan(5, 5); });  // races
}

RAVEL_PROGRAM(norace_slice_write_slice) {
  double data[10] = {};
  std::span<double> a(data);
  together([&] { a[2] = 1; }, [&] { use(a.subspan(5, 5).size()); });
}

RAVEL_PROGRAM(norace_slice_len_cap) {
  std::vector<unit> a(10);
  together([&] { use(a.size()); }, [&] { use(a.capacity()); });
}

RAVEL_PROGRAM(norace_struct_slices_range_write) {
  struct two {
    std::vector<int> a = std::vector<int>(10), b = std::vector<int>(10);
  } s;
  together(
      [&] {
        for (int each : s.a) use(each);
      },
      [&] { s.b[5] = 5; });
}

RAVEL_PROGRAM(race_slice_different) {
  int data[10] = {};
  std::span<int> s(data), s2 = s;
  together([&] { s[3] = 3; },    // races
           [&] { s2[3] = 3; });  // races
}

RAVEL_PROGRAM(race_slice_range_write) {
  std::vector<int> s(10);
  together([&] { s[3] = 3; },  // races
           [&] {
             for (int each : s) use(each);  // races
           });
}

RAVEL_PROGRAM(norace_slice_range_append) {
  std::vector<int> s(10);
  together(
      [&] {
        std::vector<int> longer = s;
        longer.push_back(3);
        keep(longer);
      },
      [&] {
        for (int each : s) use(each);
      });
}

RAVEL_PROGRAM(race_slice_var_read) {
  std::vector<int> s(10), other(20);
  together([&] { use(s[3]); },               // races
           [&] { s.swap(other); });  // races
}

RAVEL_PROGRAM(race_slice_var_copy2) {
  std::vector<int> s(10), other(20);
  together(
      [&] {
        std::vector<int> s2(10);
        std::copy(s.begin(), s.begin() + 10, s2.begin());  // races
        keep(s2);
      },
      [&] { s.swap(other); });  // races
}

RAVEL_PROGRAM(race_slice_append) {
  std::vector<int> s(10);
  s.reserve(20);
  together([&] { s.push_back(1); },   // races
           [&] { s.push_back(2); });  // races
}

RAVEL_PROGRAM(race_slice_append_slice) {
  std::vector<int> s(10);
  together(
      [&] {
        std::vector<int> longer(s);  // races
        longer.insert(longer.end(), 10, 0);
        keep(longer);
      },
      [&] { s[0] = 42; });  // races
}

RAVEL_PROGRAM(race_slice_append_string) {
  std::vector<char> s(10);
  together(
      [&] {
        std::string text("qwerty");
        text.append(s.begin(), s.end());  // races
        keep(text);
      },
      [&] { s[0] = 42; });  // races
}

RAVEL_PROGRAM(race_pointer_slice_append) {
  int x = 0;
  std::vector<int*> s(10);
  s.reserve(20);
  together([&] { s.push_back(&x); },   // races
           [&] { s.push_back(&x); });  // races
}

RAVEL_PROGRAM(race_pointer_slice_append_slice2) {
  std::vector<int*> s(10), s2(10);
  together([&] { s.insert(s.end(), s2.begin(), s2.end()); },  // races
           [&] { s2[5] = nullptr; });                         // races
}

RAVEL_PROGRAM(norace_slice_index_access) {
  std::vector<int> s(10);
  int v = 0;
  together([&] { use(v); }, [&] { s[v] = 1; });
}

RAVEL_PROGRAM(race_slice_index_access) {
  std::vector<int> s(10);
  int v = 0;
  together([&] { v = 1; },     // races
           [&] { s[v] = 1; });  // races
}

RAVEL_PROGRAM(race_slice_index_access2) {
  std::vector<int> s(10);
  int v = 0;
  together([&] { v = 1; },       // races
           [&] { use(s[v]); });  // races
}

RAVEL_PROGRAM(race_slice_byte_to_string) {
  std::vector<char> s(10);
  auto c = make_chan<std::string>(1);
  together([&] { c << std::string(s.begin(), s.end()); },  // races
           [&] { s[0] = 42; });                            // races
}

RAVEL_PROGRAM(race_slice_rune_to_string) {
  std::vector<char32_t> s(10);
  auto c = make_chan<std::u32string>(1);
  together([&] { c << std::u32string(s.begin(), s.end()); },  // races
           [&] { s[9] = 42; });                               // races
}

RAVEL_PROGRAM(race_slice3) {
  int data[10] = {};
  std::size_t i = 2;
  together([&] { i = 3; },                                     // races
           [&] { use(std::span<int>(data).subspan(0, i).size()); });  // races
}

RAVEL_PROGRAM(race_slice4) {
  std::string data = "hello there";
  together(
      [&] {
        std::string copy(data);  // races
        keep(copy);
      },
      [&] { std::copy(data.begin() + 2, data.end(), data.begin()); });  // races
}

RAVEL_PROGRAM(race_append_rw) {
  std::vector<int> a(10);
  together([&] { a.push_back(1); },  // races
           [&] { a[0] = 1; });       // races
}

RAVEL_PROGRAM(race_append_cap_rw) {
  std::vector<int> a;
  together([&] { a.push_back(1); },        // races
           [&] { use(a.capacity()); });  // races
}

RAVEL_PROGRAM(race_append_slice_struct) {
  struct pair {
    int x = 0, y = 0;
  };
  std::vector<pair> x(10);
  together(
      [&] {
        std::vector<pair> y;
        y.reserve(10);
        y.insert(y.end(), x.begin(), x.end());  // races
        keep(y);
      },
      [&] { x[1].y = 42; });  // races
}

RAVEL_PROGRAM(race_vector_growth) {
  std::vector<int> v{1};
  int* first = v.data();
  together([&] { use(*first); },  // races
           [&] {
             for (int i = 0; i < 100; ++i) v.push_back(i);  // races
           });
}

RAVEL_PROGRAM(race_vector_of_bool_bits) {
  std::vector<bool> bits(64);
  together([&] { bits[0] = true; },   // races
           [&] { bits[1] = true; });  // races
}

RAVEL_PROGRAM(race_sprint) {
  int x = 0;
  together([&] { use(std::to_string(x).size()); },  // races
           [&] { x = 1; });                         // races
}

RAVEL_PROGRAM(race_stream_out) {
  int x = 0;
  together(
      [&] {
        std::ostringstream out;
        out << x;  // races
      },
      [&] { x = 1; });  // races
}

RAVEL_PROGRAM(race_string_ptr_rw) {
  std::string x;
  std::string* p = &x;
  together([&] { *p = "a"; },          // races
           [&] { use(p->size()); });  // races
}

RAVEL_PROGRAM(race_slice_string) {
  std::string x = "hello";
  together([&] { x = "world"; },                    // races
           [&] { use(x.substr(1, 3).size()); });  // races
}

RAVEL_PROGRAM(race_string_append_short) {
  std::string s;
  together([&] { s += 'a'; },   // races
           [&] { s += 'b'; });  // races
}

RAVEL_PROGRAM(race_string_append_long) {
  std::string s(100, 'x');
  s.reserve(500);  // two that grow it at the same time would damage the heap
  together([&] { s += "a text of some length"; },          // races
           [&] { s.append("another text, longer"); });  // races
}

RAVEL_PROGRAM(race_string_compare) {
  std::string a(100, 'x'), b(100, 'x');
  together([&] { a[50] = 'y'; },                           // races
           [&] { use(static_cast<int>(a == b)); });  // races
}

RAVEL_PROGRAM(race_sort) {
  std::vector<int> v{3, 1, 2};
  together([&] { std::sort(v.begin(), v.end()); },  // races
           [&] { use(v[1]); });                     // races
}

RAVEL_PROGRAM(norace_sort_of_halves) {
  std::vector<int> v(1000);
  together([&] { std::sort(v.begin(), v.begin() + 500); }, [&] { std::sort(v.begin() + 500, v.end()); });
}

RAVEL_PROGRAM(norace_string_copies) {
  const std::string text(100, 'x');
  auto copy = [&] {
    std::string mine = text;
    mine += 'y';
    keep(mine);
  };
  together(copy, copy, copy);
}

RAVEL_PROGRAM(norace_shared_ptr_count) {
  for (int i = 0; i < 50; ++i) {
    auto p = std::make_shared<std::string>(50, 'x');
    auto reader = [p] { use(p->size()); };
    together(reader, reader, reader);
  }
}

// The last owner destroys what another has written: the count orders them.
RAVEL_PROGRAM(norace_shared_ptr_last_owner_destroys) {
  for (int i = 0; i < 50; ++i) {
    auto p = std::make_shared<std::vector<int>>(10);
    const int before = num_goroutine();
    go([p]() mutable {
      (*p)[0] = 1;
      p.reset();
    });
    p.reset();
    while (num_goroutine() != before) yield();
  }
}

RAVEL_PROGRAM(race_shared_ptr_itself) {
  auto p = std::make_shared<int>(1), q = std::make_shared<int>(2);
  together([&] { p = q; },                           // races
           [&] { use(static_cast<int>(*p)); });  // races
}

RAVEL_PROGRAM(race_shared_ptr_pointee) {
  const auto p = std::make_shared<int>(1);
  // By reference: copies would count references, and the last of one goroutine may come before the first of the other.
  together([&p] { *p = 2; },   // races
           [&p] { *p = 3; });  // races
}
