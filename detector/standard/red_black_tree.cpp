// What std::map, std::set and their multi forms call in libstdc++.so for the shape of the tree: here compiled as the program's own code
// is, so that a search which nothing orders with a rebalancing is a race that is seen. The layout and the contract are libstdc++'s
// (bits/stl_tree.h); the algorithm is Cormen, Leiserson, Rivest, Stein: Introduction to Algorithms, chapter 13, with null for the leaves.
//
// The header node: parent is the root, left the first node, right the last; it is red, which tells it from a root whose parent it is.

#include <map>

// Not in namespace ravel: what is there goes unchecked.
namespace {

using node = std::_Rb_tree_node_base;
using std::_S_black, std::_S_red;

bool is_red(const node* n) { return n != nullptr && n->_M_color == _S_red; }

// The link that points to n: of its parent, or the root's in the header.
node*& link_to(node* n, node*& root) {
  if (n == root) return root;
  return n == n->_M_parent->_M_left ? n->_M_parent->_M_left : n->_M_parent->_M_right;
}

// `up` rises over its parent, on the side it is on.
void rotate_left(node* down, node*& root) {
  node* const up = down->_M_right;
  down->_M_right = up->_M_left;
  if (up->_M_left != nullptr) up->_M_left->_M_parent = down;
  link_to(down, root) = up;
  up->_M_parent = down->_M_parent;
  up->_M_left = down;
  down->_M_parent = up;
}

void rotate_right(node* down, node*& root) {
  node* const up = down->_M_left;
  down->_M_left = up->_M_right;
  if (up->_M_right != nullptr) up->_M_right->_M_parent = down;
  link_to(down, root) = up;
  up->_M_parent = down->_M_parent;
  up->_M_right = down;
  down->_M_parent = up;
}

void rotate(node* down, bool to_left, node*& root) { to_left ? rotate_left(down, root) : rotate_right(down, root); }

node* node_after(node* n) {
  if (n->_M_right != nullptr) {
    for (n = n->_M_right; n->_M_left != nullptr; n = n->_M_left) {}
    return n;
  }
  node* up = n->_M_parent;
  for (; n == up->_M_right; up = up->_M_parent) n = up;
  // From the last node of a tree whose root has no right child, n has become the header.
  return n->_M_right != up ? up : n;
}

node* node_before(node* n) {
  if (n->_M_color == _S_red && n->_M_parent->_M_parent == n) return n->_M_right;  // before the end: the last
  if (n->_M_left != nullptr) {
    for (n = n->_M_left; n->_M_right != nullptr; n = n->_M_right) {}
    return n;
  }
  node* up = n->_M_parent;
  for (; n == up->_M_left; up = up->_M_parent) n = up;
  return up;
}

// Section 13.3: n is red, and may have a red parent.
void mend_after_insert(node* n, node*& root) {
  while (n != root && is_red(n->_M_parent)) {
    node* const parent = n->_M_parent;
    node* const grandparent = parent->_M_parent;
    const bool left = parent == grandparent->_M_left;
    node* const uncle = left ? grandparent->_M_right : grandparent->_M_left;
    if (is_red(uncle)) {
      parent->_M_color = uncle->_M_color = _S_black;
      grandparent->_M_color = _S_red;
      n = grandparent;
      continue;
    }
    if (n == (left ? parent->_M_right : parent->_M_left)) {
      rotate(parent, left, root);
      n->_M_color = _S_black;
    } else {
      parent->_M_color = _S_black;
    }
    grandparent->_M_color = _S_red;
    rotate(grandparent, !left, root);
    break;
  }
  root->_M_color = _S_black;
}

// Section 13.4: the paths through n, which may be null and so has its parent named, lack one black node.
void mend_after_erase(node* n, node* parent, node*& root) {
  while (n != root && !is_red(n)) {
    const bool left = n == parent->_M_left;
    node* sibling = left ? parent->_M_right : parent->_M_left;
    if (is_red(sibling)) {
      sibling->_M_color = _S_black;
      parent->_M_color = _S_red;
      rotate(parent, left, root);
      sibling = left ? parent->_M_right : parent->_M_left;
    }
    node* const near = left ? sibling->_M_left : sibling->_M_right;
    node* const far = left ? sibling->_M_right : sibling->_M_left;
    if (!is_red(near) && !is_red(far)) {
      sibling->_M_color = _S_red;
      n = parent;
      parent = n->_M_parent;
      continue;
    }
    if (is_red(far)) {
      far->_M_color = _S_black;
      sibling->_M_color = parent->_M_color;
    } else {
      near->_M_color = parent->_M_color;
      rotate(sibling, !left, root);
    }
    parent->_M_color = _S_black;
    rotate(parent, left, root);
    return;
  }
  if (n != nullptr) n->_M_color = _S_black;
}

node* leftmost(node* n) {
  while (n->_M_left != nullptr) n = n->_M_left;
  return n;
}

node* rightmost(node* n) {
  while (n->_M_right != nullptr) n = n->_M_right;
  return n;
}

}  // namespace

namespace std {

node* _Rb_tree_increment(node* n) throw() { return node_after(n); }
const node* _Rb_tree_increment(const node* n) throw() { return node_after(const_cast<node*>(n)); }
node* _Rb_tree_decrement(node* n) throw() { return node_before(n); }
const node* _Rb_tree_decrement(const node* n) throw() { return node_before(const_cast<node*>(n)); }

void _Rb_tree_insert_and_rebalance(const bool left, node* n, node* parent, node& header) throw() {
  n->_M_parent = parent;
  n->_M_left = n->_M_right = nullptr;
  n->_M_color = _S_red;
  if (parent == &header) {
    header._M_parent = header._M_left = header._M_right = n;
  } else if (left) {
    parent->_M_left = n;
    if (parent == header._M_left) header._M_left = n;
  } else {
    parent->_M_right = n;
    if (parent == header._M_right) header._M_right = n;
  }
  mend_after_insert(n, header._M_parent);
}

// Unlinks n, whose memory the caller gives back.
node* _Rb_tree_rebalance_for_erase(node* const n, node& header) throw() {
  node*& root = header._M_parent;
  node* child;   // takes the place that becomes free; may be null
  node* parent;  // of that place
  _Rb_tree_color lost = n->_M_color;
  if (n->_M_left != nullptr && n->_M_right != nullptr) {
    node* const heir = leftmost(n->_M_right);  // takes the place and colour of n; its own place becomes free
    child = heir->_M_right;
    lost = heir->_M_color;
    parent = heir;
    if (heir != n->_M_right) {
      parent = heir->_M_parent;
      if (child != nullptr) child->_M_parent = parent;
      parent->_M_left = child;
      heir->_M_right = n->_M_right;
      n->_M_right->_M_parent = heir;
    }
    link_to(n, root) = heir;
    heir->_M_parent = n->_M_parent;
    heir->_M_left = n->_M_left;
    n->_M_left->_M_parent = heir;
    heir->_M_color = n->_M_color;
  } else {
    child = n->_M_left != nullptr ? n->_M_left : n->_M_right;
    parent = n->_M_parent;
    link_to(n, root) = child;
    if (child != nullptr) child->_M_parent = parent;
    if (header._M_left == n) header._M_left = child != nullptr ? leftmost(child) : parent;
    if (header._M_right == n) header._M_right = child != nullptr ? rightmost(child) : parent;
  }
  if (lost == _S_black) mend_after_erase(child, parent, root);
  return n;
}

unsigned int _Rb_tree_black_count(const node* n, const node* root) throw() {
  unsigned int count = 0;
  for (; n != nullptr; n = n == root ? nullptr : n->_M_parent) count += n->_M_color == _S_black;
  return count;
}

// No header declares these, but programs built by old compilers may call them; and a static libstdc++ has them in one object with the rest.
void _Rb_tree_rotate_left(node* const n, node*& root) { rotate_left(n, root); }
void _Rb_tree_rotate_right(node* const n, node*& root) { rotate_right(n, root); }

}  // namespace std
