#pragma once
// What the ends of connections within one process learn of each other, under -race. A socket's end is known by its pair of addresses: what is
// written from A to B is learned by who reads from A at B. Private to net/; nothing of it exists in a plain build.

#include <string>

#include "runtime/hooks/hooks.hpp"

namespace ravel::net_edges {

struct edge;

class edge_handle {
 public:
  edge_handle() = default;
  explicit edge_handle(const std::string& name);  // the edge of that name, made by the first who asks
  edge_handle(edge_handle&& o) noexcept;
  edge_handle& operator=(edge_handle&& o) noexcept;
  ~edge_handle();
  hooks::sync_object* get() const noexcept;       // null: none
  bool is_only_holder() const;                    // of one that there is

 private:
  edge* edge_ = nullptr;
};

}  // namespace ravel::net_edges

namespace ravel { inline namespace RAVEL_VARIANT {
namespace net::detail {
using net_edges::edge_handle;
struct connection_edges {
  edge_handle told, learned;
};
}  // namespace net::detail
} }
