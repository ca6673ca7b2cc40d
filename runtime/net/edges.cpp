#include "runtime/net/edges.hpp"

#include <map>
#include <mutex>
#include <utility>

#include "runtime/sched/futex.hpp"

namespace ravel::net_edges {

struct edge {
  hooks::sync_object object;
  int holders = 0;
};

namespace {

struct table {
  sched::os_lock lock;                // no edge of its own: who makes or drops a connection is not ordered with the next who does
  std::map<std::string, edge> edges;  // guarded by lock; addresses of its elements stay
};
table& all() {
  static table* const t = new table;  // never destroyed: connections may be closed while the process ends
  return *t;
}

}  // namespace

edge_handle::edge_handle(const std::string& name) {
  if constexpr (hooks::enabled) {
    const std::lock_guard hold(all().lock);
    edge_ = &all().edges[name];
    ++edge_->holders;
  }
}

edge_handle::edge_handle(edge_handle&& o) noexcept : edge_(std::exchange(o.edge_, nullptr)) {}
edge_handle& edge_handle::operator=(edge_handle&& o) noexcept {
  std::swap(edge_, o.edge_);
  return *this;
}

edge_handle::~edge_handle() {
  if (edge_ == nullptr) return;
  const std::lock_guard hold(all().lock);
  if (--edge_->holders != 0) return;
  hooks::destroyed(edge_->object);
  std::erase_if(all().edges, [this](const auto& e) { return &e.second == edge_; });
}

bool edge_handle::is_only_holder() const {
  if (edge_ == nullptr) return false;
  const std::lock_guard hold(all().lock);
  return edge_->holders == 1;
}

hooks::sync_object* edge_handle::get() const noexcept { return edge_ != nullptr ? &edge_->object : nullptr; }

}  // namespace ravel::net_edges
