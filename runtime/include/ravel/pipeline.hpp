#pragma once
// Pipelines: stages joined by channels, each with as many goroutines as it needs, ended together.
//
//   ravel::pipeline p(ctx);
//   auto lines = p.source<std::string>([&](auto& emit) { for (std::string s; std::getline(in, s) && emit(s);) {} });
//   auto sizes = p.map(lines, [](std::string s) { return s.size(); }, {.workers = 4, .ordered = true});
//   p.sink(sizes, [&](std::size_t n) { total += n; });
//   p.wait();
//
// Guarantees: every stage holds a bounded number of elements: one for each worker, those in its output channel, and, when ordered, at most
// workers + capacity between the first that is not sent and the last that was received. A stage closes its output when its input is
// drained. The first exception of any stage, or the end of the context, ends all stages: they give up what they have, close their outputs
// and return. wait() tells: it throws that exception, or std::system_error with the cause of the context's end if that cut a stage short.
// The destructor ends the stages and waits for them: what their functions refer to must outlive the pipeline, and need not do so longer.
//
// Stages may be added by one goroutine at a time. Outputs are plain channels: any goroutine may receive from them, and should until they
// are closed, or call stop(). A function of a stage with several workers runs in several goroutines at once; one that blocks for long
// should look at ctx().

#include <concepts>
#include <iterator>
#include <type_traits>

#include "detail/pipeline_stage.hpp"

RAVEL_NAMESPACE_BEGIN

struct stage_options {
  std::size_t workers = 1;   // goroutines that run the stage's function: fan-out
  std::size_t capacity = 0;  // of the output channel
  bool ordered = false;      // elements leave in the order in which they came, whichever was done first
};

// What a source or expand function calls for each element. False: the pipeline has ended, so return.
template <class T>
class emitter {
 public:
  emitter(detail::pipeline_state& s, const chan<T>& out) : state_(s), out_(out) {}
  [[nodiscard]] bool operator()(T v) { return state_.give(out_, std::move(v)); }

 private:
  detail::pipeline_state& state_;
  const chan<T>& out_;
};

class pipeline {
 public:
  explicit pipeline(const context::context& parent = context::background()) : state_(parent) {}
  pipeline(const pipeline&) = delete;
  pipeline& operator=(const pipeline&) = delete;
  ~pipeline() {
    stop();
    state_.wait();
  }

  // f(emit) in a goroutine of its own; the output closes when it returns.
  template <class T, class F>
    requires std::is_invocable_v<F&, emitter<T>&>
  recv_chan<T> source(F f, stage_options o = {}) {
    const auto out = make_chan<T>(o.capacity);
    state_.start(1, [this, out, f = std::move(f)]() mutable { emitter<T> emit(state_, out); f(emit); }, closing(out));
    return out;
  }

  // The elements of a range, which is kept.
  template <class Range>
  auto from(Range range, stage_options o = {}) {
    using T = std::remove_cvref_t<decltype(*std::begin(range))>;
    return source<T>([range = std::move(range)](emitter<T>& emit) { for (const auto& v : range) if (!emit(v)) return; }, o);
  }

  // f(element) for each.
  template <detail::receivable In, class F, class T = detail::element_of<In>, class U = std::decay_t<std::invoke_result_t<F&, T>>>
  recv_chan<U> map(const In& in, F f, stage_options o = {}) {
    const auto out = make_chan<U>(o.capacity);
    run<T>(in, std::move(f), [this, out](U v) { return state_.give(out, std::move(v)); }, o, closing(out));
    return out;
  }

  // The elements for which f is true.
  template <detail::receivable In, class F, class T = detail::element_of<In>>
    requires std::predicate<F&, const T&>
  recv_chan<T> filter(const In& in, F f, stage_options o = {}) {
    const auto out = make_chan<T>(o.capacity);
    run<T>(
        in, [f = std::move(f)](T v) mutable { return f(std::as_const(v)) ? std::optional<T>(std::move(v)) : std::nullopt; },
        [this, out](std::optional<T> v) { return !v || state_.give(out, std::move(*v)); }, o, closing(out));
    return out;
  }

  // Any number of elements for each: the elements of the range that f(element) returns.
  template <detail::receivable In, class F, class T = detail::element_of<In>, class Range = std::decay_t<std::invoke_result_t<F&, T>>,
            class U = std::remove_cvref_t<decltype(*std::begin(std::declval<Range&>()))>>
  recv_chan<U> expand(const In& in, F f, stage_options o = {}) {
    const auto out = make_chan<U>(o.capacity);
    run<T>(
        in, std::move(f),
        [this, out](Range range) {
          for (auto&& v : range) {
            if (!state_.give(out, U(std::move(v)))) return false;
          }
          return true;
        },
        o, closing(out));
    return out;
  }

  // f(element) for each, as the end of a line.
  template <detail::receivable In, class F, class T = detail::element_of<In>>
    requires std::is_invocable_v<F&, T>
  void sink(const In& in, F f, stage_options o = {}) {
    run<T>(in, [f = std::move(f)](T v) mutable { f(std::move(v)); return unit{}; }, [](unit) { return true; }, o, [] {});
  }

  // Fan-in: all elements of all inputs, those of each input in its order.
  template <class T>
  recv_chan<T> merge(std::vector<recv_chan<T>> inputs, stage_options o = {}) {
    const auto out = make_chan<T>(o.capacity);
    const std::size_t n = inputs.size();
    if (n == 0) {
      out.close();
      return out;
    }
    auto next = std::make_unique<std::atomic<std::size_t>>(0);
    state_.start(n, [this, out, inputs = std::move(inputs), next = std::move(next)] {
      const recv_chan<T>& in = inputs[next->fetch_add(1, std::memory_order_relaxed)];
      while (std::optional<T> v = state_.take(in)) {
        if (!state_.give(out, std::move(*v))) return;
      }
    }, closing(out));
    return out;
  }
  template <detail::receivable First, detail::receivable... Rest>
  auto merge(const First& first, const Rest&... rest) {
    using T = detail::element_of<First>;
    return merge(std::vector<recv_chan<T>>{recv_chan<T>(first), recv_chan<T>(rest)...});
  }

  // Fan-out by hand: n outputs, each element to one of them, whichever takes it first.
  template <detail::receivable In, class T = detail::element_of<In>>
  std::vector<recv_chan<T>> split(const In& in, std::size_t n, stage_options o = {}) {
    std::vector<recv_chan<T>> outs;
    for (std::size_t i = 0; i < n; ++i) outs.push_back(map(in, [](T v) { return v; }, {.capacity = o.capacity}));
    return outs;
  }

  // n outputs, each element to all of them: the slowest sets the pace.
  template <detail::receivable In, class T = detail::element_of<In>>
    requires std::copy_constructible<T>
  std::vector<recv_chan<T>> broadcast(const In& in, std::size_t n, stage_options o = {}) {
    std::vector<chan<T>> outs;
    for (std::size_t i = 0; i < n; ++i) outs.push_back(make_chan<T>(o.capacity));
    run<T>(
        in, [](T v) { return v; },
        [this, outs](T v) {
          for (const auto& out : outs) {
            if (!state_.give(out, v)) return false;
          }
          return true;
        },
        {}, [outs] { for (const auto& out : outs) out.close(); });
    return {outs.begin(), outs.end()};
  }

  // Until all stages have returned. Throws what ended them before their inputs were drained.
  void wait() {
    state_.wait();
    state_.rethrow();
  }
  void stop() { state_.stop(); }  // ends the stages early; wait() does not take that for an error
  const context::context& ctx() const { return state_.ctx(); }

 private:
  template <class T>
  static auto closing(const chan<T>& out) {
    return [out] { out.close(); };
  }

  template <class T, class Compute, class Deliver, class Finish>
  void run(const recv_chan<T>& in, Compute compute, Deliver deliver, stage_options o, Finish finish) {
    if (o.ordered && o.workers > 1) {
      state_.start(o.workers, detail::ordered_work<T, Compute, Deliver>(state_, in, std::move(compute), std::move(deliver), o.workers + o.capacity),
                   std::move(finish));
    } else {
      state_.start(o.workers, detail::unordered_work<T, Compute, Deliver>{state_, in, std::move(compute), std::move(deliver)}, std::move(finish));
    }
  }

  detail::pipeline_state state_;
};

RAVEL_NAMESPACE_END
