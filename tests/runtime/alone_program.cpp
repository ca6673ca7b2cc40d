// One process of the test beside it (alone_test.cpp): goroutines on one processor change words without locked instructions, until something
// arrives that must end this. Each way to arrive is one argument, the moment, in turns of an empty loop, another. Ends with 0 when
// no change was lost.

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <ravel/ravel.hpp>
#include <shared_mutex>
#include <string_view>
#include <thread>

namespace {

constexpr int goroutines = 4;

struct shared {
  ravel::mutex lock;
  ravel::rw_mutex rw;
  ravel::chan<long> channel = ravel::make_chan<long>(64), handle = ravel::make_chan<long>();
  ravel::context::cancellable root = ravel::context::with_cancel(ravel::context::background());
  ravel::wait_group adding;
  // Not atomic: what the locks guard.
  long under_lock = 0, under_rw = 0;
  std::atomic<long> sent{0}, received{0};
};

// One turn with each kind of word. Parks only in a full or empty channel, which it does not wait for.
void change_all(shared& s) {
  {
    const std::lock_guard hold(s.lock);
    ++s.under_lock;
  }
  {
    const std::unique_lock hold(s.rw);
    ++s.under_rw;
  }
  {
    const std::shared_lock hold(s.rw);
    asm volatile("" : : "r"(s.under_rw));
  }
  s.adding.add(1);
  const ravel::chan<long> copy = s.handle;
  const ravel::context::context child = s.root.ctx;
  if (s.channel.try_send(1)) s.sent.fetch_add(1, std::memory_order_relaxed);
  long v = 0;
  if (s.channel.try_recv(v) == ravel::recv_status::received) s.received.fetch_add(v, std::memory_order_relaxed);
  s.adding.done();
}

int complain(const char* what, long expected, long is) {
  if (expected == is) return 0;
  std::fprintf(stderr, "%s: %ld, should be %ld\n", what, is, expected);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  ::alarm(100);  // a change lost shows as a goroutine that waits for ever, too
  const std::string_view arrival = argv[1];
  const long moment = std::atol(argv[2]), turns = std::atol(argv[3]);
  shared s;
  std::atomic<long> done{0};
  std::atomic<bool> over{false};
  ravel::wait_group workers;
  const auto work = [&] {
    for (long i = 0; i < turns; ++i) {
      change_all(s);
      if (i % 64 == 0) ravel::yield();
    }
    done.fetch_add(turns, std::memory_order_relaxed);
  };
  for (int g = 0; g < goroutines; ++g) workers.go(work);

  std::thread other;
  const auto wait_for_moment = [&] { for (volatile long i = 0; i < moment; i = i + 1) {} };
  if (arrival == "thread") {  // the first it does with Ravel is to change a word
    other = std::thread([&] {
      wait_for_moment();
      work();
    });
  } else if (arrival == "processors") {  // come and go, again and again
    other = std::thread([&] {
      for (long i = 0; !over.load(); ++i) {
        wait_for_moment();
        ravel::gomaxprocs(i % 2 == 0 ? 2 : 1);
      }
    });
  } else if (arrival == "blocking") {  // a goroutine that keeps its thread and has lent its processor
    workers.go([&] {
      ravel::blocking([&] {
        wait_for_moment();
        ::usleep(300);
        work();
      });
    });
  } else if (arrival == "stalled") {  // a goroutine sleeps in the kernel, so one more processor runs
    workers.go([&] {
      ::usleep(static_cast<useconds_t>(30'000 + moment % 10'000));
      work();
    });
  } else {
    return 2;
  }
  workers.wait();
  over.store(true);
  if (other.joinable()) ravel::blocking([&] { other.join(); });

  int bad = complain("under the mutex", done.load(), s.under_lock) + complain("under the rw_mutex", done.load(), s.under_rw) +
            complain("in the channel", static_cast<long>(s.channel.len()), s.sent.load() - s.received.load());
  s.adding.wait();  // for ever, or a panic, when an addition was lost
  bad += !s.lock.try_lock() + !s.rw.try_lock();
  s.root.cancel();
  return bad == 0 ? 0 : 1;
}
