#include "detector/clock/clock_trie.hpp"

#include <algorithm>
#include <cstring>

#include "detector/base/object_pool.hpp"
#include "detector/clock/chain_pool.hpp"

namespace ravel::detector {

namespace {

using namespace trie;

void retain(node* n) {
  if (n != nullptr) __atomic_fetch_add(&n->references, 1, __ATOMIC_RELAXED);
}
bool unshared(const node* n) { return __atomic_load_n(&n->references, __ATOMIC_ACQUIRE) == 1; }

void drop(node* n, std::uint32_t height) {
  if (n == nullptr || __atomic_fetch_sub(&n->references, 1, __ATOMIC_ACQ_REL) != 1) return;
  if (height == 0) {
    object_pool<leaf>::free(static_cast<leaf*>(n));
    return;
  }
  inner* in = static_cast<inner*>(n);
  for (node* c : in->child) drop(c, height - 1);
  object_pool<inner>::free(in);
}

// With one reference; the rest is to be filled in.
template <class Node>
Node* raw_node() {
  Node* n = static_cast<Node*>(object_pool<Node>::allocate());
  n->references = 1;
  return n;
}
leaf* new_leaf() {
  leaf* l = raw_node<leaf>();
  std::memset(l->time, 0, sizeof l->time);
  return l;
}
inner* new_inner() {
  inner* n = raw_node<inner>();
  std::memset(n->child, 0, sizeof n->child);
  return n;
}

// The node in `slot`, made writable: created when absent, copied when shared.
leaf* own_leaf(node*& slot) {
  if (slot == nullptr) slot = new_leaf();
  if (!unshared(slot)) {
    leaf* copy = raw_node<leaf>();
    std::memcpy(copy->time, static_cast<leaf*>(slot)->time, sizeof copy->time);
    drop(slot, 0);
    slot = copy;
  }
  return static_cast<leaf*>(slot);
}
inner* own_inner(node*& slot, std::uint32_t height) {
  if (slot == nullptr) slot = new_inner();
  if (!unshared(slot)) {
    inner* copy = raw_node<inner>();
    for (std::uint32_t i = 0; i < inner_size; ++i) retain(copy->child[i] = static_cast<inner*>(slot)->child[i]);
    drop(slot, height);
    slot = copy;
  }
  return static_cast<inner*>(slot);
}

bool covered(const leaf& a, const leaf& b) {  // a <= b
  std::uint32_t larger = 0;
  for (std::uint32_t i = 0; i < leaf_size; ++i) larger |= a.time[i] > b.time[i];
  return larger == 0;
}

// Joins b into slot a, both of `height`. Equal pointers end the walk, and where the result equals b, b's own node is adopted: clocks
// that know the same converge to the same memory, which keeps later joins short.
void join_node(node*& a, node* b, std::uint32_t height) {
  if (a == b || b == nullptr) return;
  if (a == nullptr) {
    retain(a = b);
    return;
  }
  if (height == 0) {
    leaf &x = *static_cast<leaf*>(a), &y = *static_cast<leaf*>(b);
    if (covered(y, x)) return;
    if (covered(x, y)) {
      retain(b);
      drop(a, 0);
      a = b;
      return;
    }
    leaf* mine = own_leaf(a);
    for (std::uint32_t i = 0; i < leaf_size; ++i) mine->time[i] = std::max(mine->time[i], y.time[i]);
    return;
  }
  inner& y = *static_cast<inner*>(b);
  bool equals_b = true;
  for (std::uint32_t i = 0; i < inner_size; ++i) {
    node* before = static_cast<inner*>(a)->child[i];
    if (before == y.child[i]) continue;
    if (y.child[i] == nullptr) {
      equals_b = false;
      continue;
    }
    if (unshared(a)) {
      join_node(static_cast<inner*>(a)->child[i], y.child[i], height - 1);
    } else {
      node* joined = before;
      retain(joined);
      join_node(joined, y.child[i], height - 1);
      if (joined == before) {
        drop(joined, height - 1);
      } else {
        inner* mine = own_inner(a, height);
        drop(mine->child[i], height - 1);
        mine->child[i] = joined;
      }
    }
    equals_b &= static_cast<inner*>(a)->child[i] == y.child[i];
  }
  if (equals_b) {
    retain(b);
    drop(a, height);
    a = b;
  }
}

// Of the node in `slot`, whose first chain is `first`. A leaf is dropped whole or stays as it is, so clocks go on sharing what stays.
void drop_forgotten_chains(node*& slot, std::uint32_t height, chain_id first) {
  if (height == 0) {
    if (!chain_pool::has_forgotten(first)) return;
    drop(slot, 0);
    slot = nullptr;
    return;
  }
  bool is_empty = true;
  for (std::uint32_t i = 0; i < inner_size; ++i) {
    node* const before = static_cast<inner*>(slot)->child[i];
    const chain_id of_child = first + (i << shift(height));
    if (before == nullptr || (height == 1 && !chain_pool::has_forgotten(of_child))) {
      is_empty &= before == nullptr;
      continue;
    }
    node* left = before;
    if (unshared(slot)) {
      drop_forgotten_chains(left, height - 1, of_child);
      static_cast<inner*>(slot)->child[i] = left;
    } else {
      retain(left);
      drop_forgotten_chains(left, height - 1, of_child);
      if (left == before) {
        drop(left, height - 1);
      } else {
        inner* mine = own_inner(slot, height);
        drop(mine->child[i], height - 1);
        mine->child[i] = left;
      }
    }
    is_empty &= left == nullptr;
  }
  if (!is_empty) return;
  drop(slot, height);
  slot = nullptr;
}

}  // namespace

clock_trie::clock_trie(const clock_trie& other) noexcept : root_(other.root_), height_(other.height_), seen_(other.seen_) {
  retain(static_cast<node*>(root_));
}

void clock_trie::clear() noexcept {
  drop(static_cast<node*>(root_), height_);
  root_ = nullptr;
  height_ = 0;
}

void clock_trie::grow(chain_id chain) {
  while (chain >= capacity(height_)) {
    if (root_ != nullptr) {
      inner* above = new_inner();
      above->child[0] = static_cast<node*>(root_);
      root_ = above;
    }
    ++height_;
  }
}

void clock_trie::drop_forgotten() {
  const std::uint16_t now = chain_pool::times_forgotten();
  if (__builtin_expect(seen_ == now, 1)) return;
  seen_ = now;
  node* root = static_cast<node*>(root_);
  if (root != nullptr) drop_forgotten_chains(root, height_, 0);
  root_ = root;
  if (root == nullptr) height_ = 0;
}

void clock_trie::raise(chain_id chain, clock_time time) {
  if (get(chain) >= time) return;
  drop_forgotten();
  grow(chain);
  node* root = static_cast<node*>(root_);
  node** slot = &root;
  for (std::uint32_t h = height_; h > 0; --h) slot = &own_inner(*slot, h)->child[(chain >> shift(h)) & (inner_size - 1)];
  own_leaf(*slot)->time[chain & (leaf_size - 1)] = time;
  root_ = root;
}

void clock_trie::join(const clock_trie& other) {
  if (root_ == other.root_ || other.root_ == nullptr) return;
  drop_forgotten();
  if (root_ == nullptr) {
    *this = other;
    return;
  }
  if (other.height_ > height_) grow(static_cast<chain_id>(capacity(other.height_) - 1));
  node* root = static_cast<node*>(root_);
  node** slot = &root;
  for (std::uint32_t h = height_; h > other.height_; --h) slot = &own_inner(*slot, h)->child[0];
  join_node(*slot, static_cast<node*>(other.root_), other.height_);
  root_ = root;
}

}  // namespace ravel::detector
