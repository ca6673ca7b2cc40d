// std::map and std::unordered_map where Go has maps.

#include <array>
#include <atomic>
#include <map>
#include <string>
#include <unordered_map>
#include <set>

#include "program.hpp"

using namespace ravel;
using programs::keep;
using programs::together;
using programs::use;

namespace {

struct big {
  std::array<std::int64_t, 17> x{};
  auto operator<=>(const big&) const = default;  // races
};

// In this order, which nothing orders: whoever comes later meets a node that the other has made.
template <class First, class Second>
void one_after_the_other(First first, Second second) {
  std::atomic<bool> done{false};
  together(
      [&] {
        first();
        done.store(true, std::memory_order_relaxed);
      },
      [&] {
        while (!done.load(std::memory_order_relaxed)) yield();
        second();
      });
}

}  // namespace

RAVEL_PROGRAM(race_map_rw) {
  std::map<int, int> m{{0, 0}};
  one_after_the_other([&] { m[1] = 1; },         // races
                      [&] { use(m.count(1)); });  // races
}

RAVEL_PROGRAM(race_unordered_map_rw) {
  std::unordered_map<int, int> m{{0, 0}};
  together([&] { use(m.count(1)); },  // races
           [&] { m[1] = 1; });        // races
}

RAVEL_PROGRAM(race_map_rw_array) {
  std::map<int, std::array<int, 2>> m{{1, {}}};
  one_after_the_other([&] { use(m.find(1)->second[1]); },  // races
                      [&] { m[0] = {1, 2}; });             // races
}

RAVEL_PROGRAM(norace_map_rr) {
  std::map<int, int> m{{1, 1}};
  std::unordered_map<int, int> u{{1, 1}};
  auto read = [&] {
    use(m.find(1)->second);
    use(u.find(1)->second);
  };
  together(read, read);
}

RAVEL_PROGRAM(norace_map_values_of_different_keys) {
  std::map<int, int> m{{1, 1}, {2, 2}};
  together([&] { m.find(1)->second = 5; }, [&] { m.find(2)->second = 6; });
}

RAVEL_PROGRAM(race_map_range) {
  std::map<int, int> m{{0, 0}};
  one_after_the_other([&] { m[1] = 1; },  // races
                      [&] {
                        for (auto& [k, v] : m) use(v);  // races
                      });
}

RAVEL_PROGRAM(race_map_range_then_insert) {
  std::map<int, int> m{{0, 0}};
  one_after_the_other(
      [&] {
        for (auto& [k, v] : m) use(v);  // races
      },
      [&] { m[1] = 1; });  // races
}

RAVEL_PROGRAM(race_map_range2) {
  std::unordered_map<int, int> m{{0, 0}};
  together(
      [&] {
        for (auto& [k, v] : m) use(k);  // races
      },
      [&] { m[1] = 1; });  // races
}

RAVEL_PROGRAM(race_map_delete) {
  std::map<std::string, bool> m{{"x", true}};
  one_after_the_other([&] { m.erase("x"); },    // races
                      [&] { m[""] = true; });  // races
}

RAVEL_PROGRAM(race_map_len_delete) {
  std::map<std::string, bool> m{{"a", true}};
  together([&] { m.erase("a"); },     // races
           [&] { use(m.size()); });  // races
}

RAVEL_PROGRAM(race_map_variable3) {
  std::map<int, int> m{{0, 0}}, other{{5, 5}};
  together([&] { use(m.count(1)); },  // races
           [&] { m.swap(other); });   // races
}

RAVEL_PROGRAM(race_map_lookup_part_key2) {
  big k;
  std::map<big, bool> m{{big{}, true}};
  together([&] { k.x[8] = 1; },         // races
           [&] { use(m.count(k)); });  // races
}

RAVEL_PROGRAM(race_map_insert_part_val) {
  big v;
  std::map<int, big> m;
  together([&] { v.x[8] = 1; },  // races
           [&] { m[1] = v; });   // races
}

RAVEL_PROGRAM(race_map_big_key_access1) {
  std::map<big, int> m{{big{}, 1}};
  big k;
  together([&] { use(m.find(k)->second); },  // races
           [&] { k.x[16] = 0; });            // races
}

RAVEL_PROGRAM(race_map_big_key_access2) {
  std::map<big, int> m{{big{}, 1}};
  big k;
  together([&] { use(m.contains(k)); },  // races
           [&] { k.x[16] = 0; });        // races
}

RAVEL_PROGRAM(race_map_big_val_insert) {
  std::map<int, big> m;
  big v;
  together([&] { m.emplace(1, v); },  // races
           [&] { v.x[16] = 1; });     // races
}

RAVEL_PROGRAM(race_map_big_val_access1) {
  std::map<int, big> m{{1, {}}};
  big v;
  together(
      [&] {
        v = m[1];  // races
        keep(v);
      },
      [&] { v.x[16] = 1; });  // races
}

RAVEL_PROGRAM(race_map_big_val_access2) {
  std::map<int, big> m{{1, {}}};
  big v;
  together(
      [&] {
        if (auto found = m.find(1); found != m.end()) v = found->second;  // races
        keep(v);
      },
      [&] { v.x[16] = 1; });  // races
}

RAVEL_PROGRAM(race_map_init) {
  int y = 0;
  together([&] { y = 42; },  // races
           [&] {
             std::map<int, int> x{{0, 42}, {y, 42}};  // races
             keep(x);
           });
}

RAVEL_PROGRAM(race_map_init2) {
  int y = 0;
  together([&] { y = 42; },  // races
           [&] {
             std::map<int, int> x{{0, 42}, {42, y}};  // races
             keep(x);
           });
}

RAVEL_PROGRAM(race_unaddressable_map_len) {
  std::map<int, std::map<int, int>> m{{0, {}}};
  together([&] { use(m.find(0)->second.size()); },  // races
           [&] { m.find(0)->second[0] = 1; });      // races
}

namespace {

// Each page leads to three more; who has seen which is kept without a lock.
struct crawler {
  std::unordered_map<std::string, bool> seen;
  wait_group pages;

  void crawl(std::string url, int depth) {
    RAVEL_DEFER { pages.done(); };
    seen[url] = true;  // races
    if (depth <= 0) return;
    for (const char* next : {"a", "b", "c"}) {
      if (seen.count(next) != 0) continue;  // races
      pages.add(1);
      go([this, next, depth] { crawl(next, depth - 1); });
    }
  }
};

}  // namespace

// Damaged for real: whether the map survives is luck, so each goroutine waits its turn, unordered.
RAVEL_PROGRAM(race_crawl) {
  gomaxprocs(1);
  crawler c;
  c.pages.add(1);
  go([&] { c.crawl("start", 3); });
  c.pages.wait();
}

RAVEL_PROGRAM(race_unordered_map_rehash) {
  std::unordered_map<int, int> m{{1, 1}};
  int* value = &m[1];
  together([&] { use(*value); },  // races
           [&] { m.erase(1); });  // races
}
