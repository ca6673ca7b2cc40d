#pragma once
// The machinery under <ravel/pipeline.hpp>: what stages share, and the two kinds of teams that run a stage.

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "../chan.hpp"
#include "../context.hpp"
#include "../select.hpp"
#include "../sync.hpp"
#include "goexit.hpp"

RAVEL_NAMESPACE_BEGIN
namespace detail {

class pipeline_state {
 public:
  explicit pipeline_state(const context::context& parent) : end_(context::with_cancel(parent)), done_(end_.ctx.done()) {}

  const context::context& ctx() const { return end_.ctx; }

  void fail(std::exception_ptr e) {
    {
      const std::lock_guard hold(lock_);
      if (!error_) error_ = std::move(e);
    }
    end_.cancel();
  }
  void stop() {
    {
      const std::lock_guard hold(lock_);
      stopped_ = true;
    }
    end_.cancel();
  }

  // The next element; none: the input is drained or the pipeline has ended. The end is looked at first: select would take either.
  template <class T>
  std::optional<T> take(const recv_chan<T>& in) {
    std::optional<T> v;
    if (end_.ctx.err() || select(on_recv(in, [&](std::optional<T> got) { v = std::move(got); }), on_recv(done_)) == 1) cut_short();
    return v;
  }
  // False: the pipeline has ended.
  template <class T>
  bool give(const chan<T>& out, T v) {
    if (!end_.ctx.err() && select(on_send(out, std::move(v)), on_recv(done_)) == 0) return true;
    cut_short();
    return false;
  }

  // Runs work() in n goroutines, and finish() in the last of them to end. An exception of work ends the pipeline.
  template <class Work, class Finish>
  void start(std::size_t n, Work work, Finish finish) {
    struct team {
      Work work;
      Finish finish;
      std::atomic<std::size_t> left;
      team(Work w, Finish f, std::size_t k) : work(std::move(w)), finish(std::move(f)), left(k) {}
    };
    if (n == 0) throw panic_error("pipeline: a stage needs at least one worker");
    const auto shared = std::make_shared<team>(std::move(work), std::move(finish), n);
    for (std::size_t i = 0; i < n; ++i) {
      goroutines_.go([this, t = shared]() mutable {
        struct leave {  // before wait() learns of it, also on goexit
          std::shared_ptr<team>& t;
          ~leave() {
            if (t->left.fetch_sub(1, std::memory_order_acq_rel) == 1) t->finish();
            t.reset();
          }
        } left{t};
        try {
          t->work();
        } catch (...) {
          if (goexit_in_flight()) throw;
          fail(std::current_exception());
        }
      });
    }
  }

  void wait() { goroutines_.wait(); }
  void rethrow() {
    const std::lock_guard hold(lock_);
    if (error_) std::rethrow_exception(error_);
    if (cut_short_ && !stopped_) throw std::system_error(context::cause(end_.ctx));
  }

 private:
  void cut_short() {
    const std::lock_guard hold(lock_);
    cut_short_ = true;
  }

  context::cancellable end_;
  recv_chan<unit> done_;
  wait_group goroutines_;
  mutex lock_;
  std::exception_ptr error_;  // lock_
  bool cut_short_ = false;    // lock_: a stage gave up because of the end
  bool stopped_ = false;      // lock_: stop() was called
};

// compute(T) makes a result; deliver(result) sends it on, false when the pipeline has ended.
template <class T, class Compute, class Deliver>
struct unordered_work {
  pipeline_state& state;
  recv_chan<T> in;
  Compute compute;
  Deliver deliver;

  void operator()() {
    while (std::optional<T> v = state.take(in)) {
      if (!deliver(compute(std::move(*v)))) return;
    }
  }
};

// The same in the order of the input. Invariants: elements are numbered under `reading`, in the order of the input; results of numbers
// [sent, received) are in the ring or being computed, at most ring.size() of them; number `sent` stays so, with an empty place in the ring,
// while it is being delivered, so that nobody else delivers meanwhile: whoever delivers goes on with what has come.
template <class T, class Compute, class Deliver>
class ordered_work {
 public:
  using result = std::invoke_result_t<Compute&, T>;
  ordered_work(pipeline_state& s, recv_chan<T> in, Compute c, Deliver d, std::size_t window)
      : shared_(std::make_unique<shared>(s, std::move(in), std::move(c), std::move(d), window)) {}

  void operator()() {
    struct give_up_on_exception {
      shared& s;
      bool finished = false;
      ~give_up_on_exception() {
        if (!finished) s.give_up();
      }
    } guard{*shared_};
    while (shared_->one()) {}
    guard.finished = true;
  }

 private:
  struct shared {
    pipeline_state& state;
    recv_chan<T> in;
    Compute compute;
    Deliver deliver;
    mutex reading;
    mutex lock;                               // guards all below; taken last
    cond room{lock};                          // sent has grown, or gave_up
    std::vector<std::optional<result>> ring;
    std::size_t received = 0, sent = 0;
    bool gave_up = false;

    shared(pipeline_state& s, recv_chan<T> i, Compute c, Deliver d, std::size_t window)
        : state(s), in(std::move(i)), compute(std::move(c)), deliver(std::move(d)), ring(window) {}

    void give_up_locked() {
      gave_up = true;
      room.broadcast();
    }
    void give_up() {
      const std::lock_guard hold(lock);
      give_up_locked();
    }

    std::optional<T> next(std::size_t& number) {
      const std::lock_guard alone(reading);
      {
        std::unique_lock hold(lock);
        room.wait([&] { return gave_up || received - sent < ring.size(); });
        if (gave_up) return std::nullopt;
      }
      std::optional<T> v = state.take(in);
      if (v) {
        const std::lock_guard hold(lock);
        number = received++;
      }
      return v;
    }

    bool one() {
      std::size_t number = 0;
      std::optional<T> v = next(number);
      if (!v) return false;
      result r = compute(std::move(*v));
      std::unique_lock hold(lock);
      ring[number % ring.size()].emplace(std::move(r));
      while (!gave_up && ring[sent % ring.size()]) {
        std::optional<result>& slot = ring[sent % ring.size()];
        result mine = std::move(*slot);
        slot.reset();
        hold.unlock();
        const bool delivered = deliver(std::move(mine));
        hold.lock();
        ++sent;
        if (delivered) room.signal();
        else give_up_locked();
      }
      return !gave_up;
    }
  };
  std::unique_ptr<shared> shared_;
};

}  // namespace detail
RAVEL_NAMESPACE_END
