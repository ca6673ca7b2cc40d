// What std::list calls in libstdc++.so to link its nodes: here compiled as the program's own code is. The contract is libstdc++'s
// (bits/stl_list.h): a ring through a node that belongs to the list itself.

#include <list>

namespace {

using std::__detail::_List_node_base;

// `at` takes the place that another node had in the ring it pointed into, or becomes a ring of its own.
void take_place(_List_node_base& at, const _List_node_base& other, bool alone) {
  at._M_next = alone ? &at : other._M_next;
  at._M_prev = alone ? &at : other._M_prev;
  at._M_next->_M_prev = at._M_prev->_M_next = &at;
}

}  // namespace

namespace std::__detail {

void _List_node_base::_M_hook(_List_node_base* const before) noexcept {
  _M_next = before;
  _M_prev = before->_M_prev;
  before->_M_prev->_M_next = this;
  before->_M_prev = this;
}

void _List_node_base::_M_unhook() noexcept {
  _M_prev->_M_next = _M_next;
  _M_next->_M_prev = _M_prev;
}

// [first, last) goes before this node.
void _List_node_base::_M_transfer(_List_node_base* const first, _List_node_base* const last) noexcept {
  if (this == last) return;
  _List_node_base* const last_moved = last->_M_prev;
  _List_node_base* const previous = _M_prev;
  first->_M_prev->_M_next = last;
  last->_M_prev = first->_M_prev;
  previous->_M_next = first;
  first->_M_prev = previous;
  last_moved->_M_next = this;
  _M_prev = last_moved;
}

void _List_node_base::_M_reverse() noexcept {
  _List_node_base* n = this;
  do {
    _List_node_base* const next = n->_M_next;
    n->_M_next = n->_M_prev;
    n->_M_prev = next;
    n = next;
  } while (n != this);
}

void _List_node_base::swap(_List_node_base& a, _List_node_base& b) noexcept {
  const bool a_empty = a._M_next == &a, b_empty = b._M_next == &b;
  _List_node_base was_a;
  was_a._M_next = a._M_next;
  was_a._M_prev = a._M_prev;
  if (!a_empty || !b_empty) {
    take_place(a, b, b_empty);
    take_place(b, was_a, a_empty);
  }
}

}  // namespace std::__detail
