// Containers whose nodes libstdc++ links within its own object: each race lies in links alone, or in what a hash reads.

#include <list>
#include <map>
#include <set>
#include <string>

#include "program.hpp"

using namespace ravel;
using programs::keep;
using programs::together;
using programs::use;

RAVEL_PROGRAM(race_map_search_then_insert) {
  std::map<int, int> m{{1, 1}, {2, 2}, {3, 3}};
  together([&] { use(m.contains(4)); },  // races
           [&] { m.emplace(9, 9); });     // races
}

RAVEL_PROGRAM(race_map_insert_elsewhere) {
  std::map<int, int> m;
  for (int i = 0; i < 64; ++i) m[i] = i;
  together([&] { m.emplace(-1, 0); },   // races
           [&] { m.emplace(99, 0); });  // races
}

RAVEL_PROGRAM(race_set_iterate_and_erase) {
  std::set<int> s{1, 2, 3, 4, 5};
  together(
      [&] {
        int sum = 0;
        for (const int x : s) sum += x;  // races
        keep(sum);
      },
      [&] { s.erase(3); });  // races
}

RAVEL_PROGRAM(race_map_walk_back_and_insert) {
  std::map<int, int> m{{1, 1}, {2, 2}, {3, 3}};
  auto last = std::prev(m.end());
  together([&] { use((--last)->second); },  // races
           [&] { m.emplace(0, 0); });        // races
}

RAVEL_PROGRAM(norace_maps_read_by_two) {
  std::map<std::string, int> m{{"a", 1}, {"b", 2}, {"c", 3}};
  const auto read = [&] {
    int sum = 0;
    for (const auto& [key, value] : m) sum += value;
    keep(sum);
    use(m.contains("b"));
  };
  together(read, read);
}

RAVEL_PROGRAM(norace_maps_under_a_lock) {
  std::map<int, int> m;
  mutex lock;
  const auto change = [&](int from) {
    for (int i = from; i < 200; i += 2) {
      const std::lock_guard hold(lock);
      m[i] = i;
      m.erase(i / 2);
    }
  };
  together([&] { change(0); }, [&] { change(1); });
}

RAVEL_PROGRAM(norace_values_of_a_map_written_apart) {
  std::map<int, int> m{{1, 0}, {2, 0}};
  int& one = m[1];
  int& two = m[2];
  together([&] { one = 1; }, [&] { two = 2; });
}

RAVEL_PROGRAM(race_list_iterate_then_insert) {
  std::list<int> l{1, 2, 3};
  together(
      [&] {
        int sum = 0;
        for (const int x : l) sum += x;  // races
        keep(sum);
      },
      [&] { l.insert(std::next(l.begin()), 9); });  // races
}

RAVEL_PROGRAM(race_list_splice_and_front) {
  std::list<int> l{1}, other{2};
  together([&] { use(l.front()); },               // races
           [&] { l.splice(l.begin(), other); });   // races
}

RAVEL_PROGRAM(norace_list_handed_over) {
  std::list<int> l;
  auto c = make_chan<int>();
  go([&, c] {
    for (int i = 0; i < 10; ++i) l.push_back(i);
    c << 1;
  });
  c.recv();
  l.reverse();
  use(l.size());
}

RAVEL_PROGRAM(race_hash_of_a_string_that_changes) {
  std::string key = "a key that is longer than a small string";
  together([&] { use(std::hash<std::string>()(key)); },  // races
           [&] { key[30] = 'x'; });                        // races
}

RAVEL_PROGRAM(norace_hash_by_two) {
  const std::string key = "a key that is longer than a small string";
  const auto hash = [&] { use(std::hash<std::string>()(key)); };
  together(hash, hash);
}
