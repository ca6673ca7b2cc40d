#pragma once
// The tree of contexts. Every node holds its parent; only those that can end on their own, cancellers, are also known to the one above.
//
// Invariants: `upper`, the nearest canceller above, lives as long as it is not null here: the parent's reference keeps it, or, for an orphan,
// being listed there. A listed child is not owned by its list and may be dying, which is why a list's reader first tries to retain it,
// unless it is `orphan`: then the list holds one reference and it none of its parent, since no handle is left but somebody still awaits
// its end. children, their links, listed and orphan are guarded by the upper's lock; done,
// alarm and work by the own lock; err and cause are written once, before `ended`. A lock of a canceller is taken while holding none.

#include <atomic>
#include <memory>
#include <optional>
#include <system_error>

#include "runtime/hooks/hooks.hpp"
#include "runtime/include/ravel/context.hpp"
#include "runtime/include/ravel/sync.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

struct canceller;

struct context_node {
  std::atomic<std::uint32_t> references{1};
  context_node* parent = nullptr;            // one reference
  canceller* nearest = nullptr;              // with whom it ends: itself or one above; null: never
  std::unique_ptr<context_value> value;
  std::atomic<bool> holds_user_code{false};  // a value, or a function of after_func below
  clock_storage dropped;                     // then, those who let go of it come before its end

  explicit context_node(const context_handle& above);
  virtual ~context_node();
};

struct canceller final : context_node {
  std::atomic<canceller*> upper{nullptr};
  mutex lock;
  std::atomic<bool> ended{false};
  std::error_code err, cause;
  std::atomic<bool> done_made{false};        // done may be copied without the lock
  chan<unit> done;
  std::optional<clock::time_point> deadline; // never changes
  std::optional<timer> alarm;
  closure* work = nullptr;                   // after_func
  clock_storage ending;                      // the end comes before what is learned of it

  canceller* children = nullptr;
  canceller *previous = nullptr, *next = nullptr;
  bool listed = false;
  bool orphan = false;

  explicit canceller(const context_handle& above);
  ~canceller() override;
};

// Links c into its upper's list: true. Without an upper does nothing; when that has ended, ends c.
bool enlist(canceller& c);

// Ends c and all below it, once. Without a stack for a function of after_func the process cannot go on: noexcept.
void end(canceller& c, std::error_code err, std::error_code cause) noexcept;

// Takes c out of its upper's list; true: it was there.
bool unlist(canceller& c);

bool has_ended(canceller& c);  // true orders the end before what follows

}  // namespace detail
} }
