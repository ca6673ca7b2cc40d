// Channels, select, sync and context, beside their twins in go/primitives.go.

#include <time.h>

#include <mutex>
#include <ravel/ravel.hpp>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "row.hpp"

namespace {

// Processor time of the whole process for each of n: what others do on the machine does not count.
template <class F>
double cpu_ns_each(long n, F&& f) {
  const auto now = [] {
    timespec t;
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
  };
  const double start = now();
  f();
  return (now() - start) / static_cast<double>(n);
}

using ravel::make_chan;
using ravel::wait_group;

void transfer(long n, std::size_t capacity, int senders, int receivers) {
  auto c = make_chan<long>(capacity);
  wait_group sending, receiving;
  for (int s = 0; s < senders; ++s) sending.go([=] { for (long i = 0; i < n / senders; ++i) c << i; });
  for (int r = 0; r < receivers; ++r) receiving.go([=] { for (long i = 0; i < n / receivers; ++i) c.recv(); });
  sending.wait();
  receiving.wait();
}
void ping_pong(long n) {
  auto ping = make_chan<long>(), pong = make_chan<long>();
  ravel::go([=] { for (long i = 0; i < n; ++i) { ping.recv(); pong << i; } });
  for (long i = 0; i < n; ++i) { ping << i; pong.recv(); }
}

using channels = std::vector<ravel::chan<long>>;
template <std::size_t... I>
void receive_all(long n, const channels& c, std::index_sequence<I...>) {
  for (long i = 0; i < n; ++i) ravel::select(ravel::on_recv(c[I])...);
}
template <std::size_t Cases>
void select_blocking(long n) {
  channels c;
  for (std::size_t i = 0; i < Cases; ++i) c.push_back(make_chan<long>());
  wait_group wg;
  wg.go([=] { for (long i = 0; i < n; ++i) c[static_cast<std::size_t>(i) % Cases] << i; });
  wg.go([=] { receive_all(n, c, std::make_index_sequence<Cases>()); });
  wg.wait();
}
template <std::size_t Cases>
void select_ready(long n) {
  channels c;
  for (std::size_t i = 0; i < Cases; ++i) c.push_back(make_chan<long>(1));
  for (long i = 0; i < n; ++i) {
    c[static_cast<std::size_t>(i) % Cases] << i;
    receive_all(1, c, std::make_index_sequence<Cases>());
  }
}
void select_default_turns(long n) {
  auto a = make_chan<long>();
  for (long i = 0; i < n; ++i) ravel::select(ravel::on_recv(a), ravel::on_default());
}

template <class F>
void share(long n, int goroutines, F f) {
  wait_group wg;
  for (int g = 0; g < goroutines; ++g) wg.go([=] { for (long i = 0; i < n / goroutines; ++i) f(i); });
  wg.wait();
}
void mutex_shared(long n, int goroutines) {
  ravel::mutex m;
  long counter = 0;
  share(n, goroutines, [&](long) { const std::lock_guard hold(m); ++counter; });
}
void rw_mutex_shared(long n, int goroutines, long write_every) {
  ravel::rw_mutex m;
  long value = 0;
  share(n, goroutines, [&](long i) {
    if (i % write_every == 0) { const std::unique_lock hold(m); ++value; }
    else { const std::shared_lock hold(m); asm volatile("" : : "r"(value)); }
  });
}
void once_done_turns(long n) {
  ravel::once o;
  for (long i = 0; i < n; ++i) o.call([] {});
}
void pool_get_put(long n, int goroutines) {
  ravel::pool<std::unique_ptr<long>> p([] { return std::make_unique<long>(0); });
  share(n, goroutines, [&](long) {
    auto v = p.get();
    ++*v;
    p.put(std::move(v));
  });
}
void wait_group_cycle_turns(long n) {
  wait_group wg;
  for (long i = 0; i < n; ++i) { wg.add(1); wg.done(); wg.wait(); }
}
void cond_ping_pong(long n) {
  ravel::mutex m;
  ravel::cond c(m);
  long turn = 0;
  wait_group wg;
  for (int me = 0; me < 2; ++me) {
    wg.go([&, me] {
      const std::lock_guard hold(m);
      for (long i = 0; i < n; ++i) {
        c.wait([&] { return turn % 2 == me; });
        ++turn;
        c.signal();
      }
    });
  }
  wg.wait();
}
void cancel_children(long n) {
  for (; n > 0; n -= 10000) {
    auto [root, cancel] = ravel::context::with_cancel(ravel::context::background());
    std::vector<ravel::context::cancellable> children;
    children.reserve(10000);
    for (int i = 0; i < 10000; ++i) children.push_back(ravel::context::with_cancel(root));
    for (auto& c : children) c.ctx.done();
    cancel();
  }
}
void context_err_turns(long n) {
  auto [ctx, cancel] = ravel::context::with_cancel(ravel::context::background());
  for (long i = 0; i < n; ++i) {
    if (ctx.err()) return;
  }
  cancel();
}

}  // namespace

ROW(chan_pingpong, 300'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { ping_pong(ROW_N); }); }
ROW(chan_0_1x1, 500'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { transfer(ROW_N, 0, 1, 1); }); }
ROW(chan_1_1x1, 500'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { transfer(ROW_N, 1, 1, 1); }); }
ROW(chan_128_1x1, 10'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { transfer(ROW_N, 128, 1, 1); }); }
ROW(chan_0_4x4, 500'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { transfer(ROW_N, 0, 4, 4); }); }
ROW(chan_1_4x4, 500'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { transfer(ROW_N, 1, 4, 4); }); }
ROW(chan_128_4x4, 10'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { transfer(ROW_N, 128, 4, 4); }); }
ROW(select_2, 300'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { select_blocking<2>(ROW_N); }); }
ROW(select_4, 300'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { select_blocking<4>(ROW_N); }); }
ROW(select_8, 300'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { select_blocking<8>(ROW_N); }); }
ROW(select_2_ready, 1'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { select_ready<2>(ROW_N); }); }
ROW(select_8_ready, 1'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { select_ready<8>(ROW_N); }); }
ROW(select_default, 5'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { select_default_turns(ROW_N); }); }
ROW(mutex_1, 20'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { mutex_shared(ROW_N, 1); }); }
ROW(mutex_4, 20'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { mutex_shared(ROW_N, 4); }); }
ROW(mutex_64, 20'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { mutex_shared(ROW_N, 64); }); }
ROW(rw_mutex_read, 20'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { rw_mutex_shared(ROW_N, 1, ROW_N + 1); }); }
ROW(rw_mutex_mostly_read, 20'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { rw_mutex_shared(ROW_N, 8, 100); }); }
ROW(once_done, 20'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { once_done_turns(ROW_N); }); }
ROW(pool_1, 3'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { pool_get_put(ROW_N, 1); }); }
ROW(pool_8, 3'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { pool_get_put(ROW_N, 8); }); }
ROW(wait_group_cycle, 3'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { wait_group_cycle_turns(ROW_N); }); }
ROW(cond_pingpong, 300'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { cond_ping_pong(ROW_N); }); }
ROW(context_cancel, 100'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { cancel_children(ROW_N); }); }
ROW(context_err, 10'000'000, "CPU ns") { return cpu_ns_each(ROW_N, [=] { context_err_turns(ROW_N); }); }
