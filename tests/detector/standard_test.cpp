// The pieces of the C++ library that Ravel has its own of (detector/standard), under random use.

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <list>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

using node = std::_Rb_tree_node_base;

bool is_red(const node* n) { return n != nullptr && n->_M_color == std::_S_red; }

// Black nodes on each path below n; -1 if it is no red-black tree.
int black_height(const node* n) {
  if (n == nullptr) return 1;
  if (is_red(n) && (is_red(n->_M_left) || is_red(n->_M_right))) return -1;
  for (const node* child : {n->_M_left, n->_M_right}) {
    if (child != nullptr && child->_M_parent != n) return -1;
  }
  const int left = black_height(n->_M_left);
  if (left == -1 || left != black_height(n->_M_right)) return -1;
  return left + !is_red(n);
}

void expect_sound(const std::set<int>& s, const std::vector<bool>& in) {
  const node* root = s.end()._M_node->_M_parent;
  ASSERT_FALSE(is_red(root));
  ASSERT_NE(black_height(root), -1);
  std::vector<int> expected;
  for (std::size_t k = 0; k < in.size(); ++k) {
    if (in[k]) expected.push_back(static_cast<int>(k));
  }
  ASSERT_TRUE(std::equal(s.begin(), s.end(), expected.begin(), expected.end()));
  ASSERT_TRUE(std::equal(s.rbegin(), s.rend(), expected.rbegin(), expected.rend()));
  ASSERT_EQ(s.size(), expected.size());
}

TEST(standard, a_tree_stays_one_and_in_order) {
  std::mt19937 random(1);
  for (const std::size_t keys : {3u, 8u, 50u, 400u}) {
    std::set<int> s;
    std::vector<bool> in(keys);
    for (int step = 0; step < 20'000; ++step) {
      const std::size_t k = random() % keys;
      if (random() % 2 == 0) s.insert(static_cast<int>(k));
      else s.erase(static_cast<int>(k));
      in[k] = s.contains(static_cast<int>(k));
      if (keys < 10 || step % 64 == 0) expect_sound(s, in);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(standard, lists_do_what_vectors_do) {
  std::mt19937 random(2);
  std::list<int> a, b;
  std::vector<int> va, vb;
  for (int step = 0; step < 20'000; ++step) {
    switch (random() % 7) {
      case 0: a.push_back(step); va.push_back(step); break;
      case 1: b.push_front(step); vb.insert(vb.begin(), step); break;
      case 2: a.swap(b); va.swap(vb); break;
      case 3: a.reverse(); std::reverse(va.begin(), va.end()); break;
      case 4:
        a.splice(a.begin(), b);
        va.insert(va.begin(), vb.begin(), vb.end());
        vb.clear();
        break;
      case 5:
        if (a.empty()) break;
        a.erase(std::next(a.begin(), static_cast<long>(va.size() / 2)));
        va.erase(va.begin() + static_cast<long>(va.size() / 2));
        break;
      case 6: a.sort(); std::sort(va.begin(), va.end()); break;
    }
    if (va.size() > 60) a.clear(), va.clear();
    ASSERT_TRUE(std::equal(a.begin(), a.end(), va.begin(), va.end())) << step;
    ASSERT_TRUE(std::equal(a.rbegin(), a.rend(), va.rbegin(), va.rend())) << step;
    ASSERT_TRUE(std::equal(b.rbegin(), b.rend(), vb.rbegin(), vb.rend())) << step;
  }
}

TEST(standard, a_hash_is_the_librarys) {
  constexpr const char* name = "_ZSt11_Hash_bytesPKvmm";
  const auto theirs = reinterpret_cast<std::size_t (*)(const void*, std::size_t, std::size_t)>(::dlsym(RTLD_NEXT, name));
  ASSERT_NE(theirs, nullptr);
  ASSERT_NE(theirs, &std::_Hash_bytes);
  std::mt19937 random(3);
  for (std::size_t size = 0; size < 100; ++size) {
    std::string key(size, ' ');
    for (char& c : key) c = static_cast<char>(random());
    EXPECT_EQ(std::hash<std::string>()(key), theirs(key.data(), size, 0xc70f6907UL)) << size;
  }
}

}  // namespace
