#include "kernel.hpp"

using namespace goker;

namespace {

// A stopper: tasks count themselves in `drain`, workers end when `stopper` is closed.
struct stopper_1055 {
  mutex mu;
  std::atomic<bool> draining{false};
  wait_group drain, stop;
  chan<unit> stopper = make_chan<unit>();

  bool start_task() {
    const std::lock_guard hold(mu);
    if (draining) return false;
    drain.add();
    return true;
  }
  void shut_down(bool fixed) {
    std::unique_lock hold(mu);
    draining = true;
    if (fixed) hold.unlock();
    drain.wait();
    stopper.close();
    stop.wait();
  }
};

// One side only asks, without waiting, whether there is a callback, and then waits for its event to be taken; the taker waits for its
// callback to be taken.
struct raft_2448 {
  chan<int> events = make_chan<int>(), callbacks = make_chan<int>();
  chan<unit> stop = make_chan<unit>();

  void multi_raft(bool fixed) {
    const auto run_callback = [this] { return on_recv(callbacks); };
    for (int turn = 0; turn < 3;) {
      if (fixed) {
        turn += static_cast<int>(select(run_callback(), on_send(events, turn), on_recv(stop)) != 0);
      } else {
        select(run_callback(), on_default([] {}));
        select(on_send(events, turn++), on_recv(stop));
      }
    }
    events.close();
    for (int done : callbacks) static_cast<void>(done);
  }
  void store() {
    for (int event : events) select(on_send(callbacks, event), on_recv(stop));
    callbacks.close();
  }
};

struct read_side final : lockable {
  explicit read_side(rw_mutex& of) : m(of) {}
  void lock() override { m.lock_shared(); }
  void unlock() override { m.unlock_shared(); }
  rw_mutex& m;
};
struct executor_16167 {
  rw_mutex config;
  read_side reading{config};
  cond changed{reading};
};

}  // namespace

GOKER("cockroach/1055", deadlock, "W06|C14", "wait_group at|Locks held: mutex|stopper_1055::shut_down|(worker)") {
  const auto s = std::make_shared<stopper_1055>();
  s->stop.add();
  go({.name = "worker"}, [s, fixed] {
    if (s->start_task() && fixed) s->drain.done();
    s->stopper.recv();
    s->stop.done();
  });
  s->shut_down(fixed);
}

GOKER("cockroach/2448", leak, "C22|C21", "multi_raft|store|select on the channel at") {
  const auto s = std::make_shared<raft_2448>();
  go({.name = "multi_raft"}, [s, fixed] { s->multi_raft(fixed); });
  go({.name = "store"}, [s] { s->store(); });
}

GOKER("cockroach/10214", lock_order, "M07", "(raft)|(queue)|mutex 0x") {
  struct store { mutex coalesced, raft, queue; };
  const auto s = std::make_shared<store>();
  go({.name = "raft"}, [s] {
    const std::lock_guard processing(s->raft);
    const std::lock_guard heartbeats(s->coalesced);
  });
  go({.name = "queue"}, [s, fixed] {
    const std::lock_guard adding(s->queue);
    mutex& first = fixed ? s->raft : s->coalesced;
    mutex& second = fixed ? s->coalesced : s->raft;
    const std::lock_guard one(first);
    const std::lock_guard other(second);
  });
}

GOKER("cockroach/13755", leak, "X02", "(rows)|context") {
  auto [ctx, cancel] = context::with_cancel(context::background());
  go({.name = "rows"}, [ctx = ctx] { ctx.done().recv(); });
  if (fixed) cancel();
}

GOKER("cockroach/16167", lock_order, "M06", "(writer)|rw_mutex at") {
  const auto e = std::make_shared<executor_16167>();
  go({.name = "writer"}, [e] {
    const std::lock_guard update(e->config);
    e->changed.broadcast();
  });
  const std::lock_guard prepared(e->reading);
  if (fixed) return;
  const std::shared_lock cached(e->config);
}

GOKER("cockroach/18101", leak, "C20", "(splitter)|of 6 elements") {
  auto [ctx, cancel] = context::with_cancel(context::background());
  auto ready = make_chan<int>(6);
  go({.name = "splitter"}, [ready, ctx = ctx, fixed] {
    for (int range = 0; range < 8; ++range) {
      if (!fixed) ready << range;
      else if (select(on_recv(ctx.done()), on_send(ready, range)) == 0) break;
    }
    ready.close();
  });
  go({.name = "importer"}, [ready, ctx = ctx] {
    for (int range : ready) {
      static_cast<void>(range);
      if (ctx.err()) return;
    }
  });
  cancel();
}

GOKER("cockroach/35073", deadlock, "C20", "(producer)|with 16 of 16 elements") {
  struct router {
    chan<int> rows = make_chan<int>(16);
    std::atomic<bool> wants_more{true};
    wait_group producers;
  };
  const auto r = std::make_shared<router>();
  r->producers.add(2);
  for (int p = 0; p < 2; ++p) {
    go({.name = "producer"}, [r] {
      for (int row = 0; row < 9 && r->wants_more; ++row) r->rows << row;
      r->producers.done();
    });
  }
  select(on_recv(r->rows), on_default([] {}));
  if (fixed) {
    go([r] {
      r->producers.wait();
      r->rows.close();
    });
    for (int row : r->rows) static_cast<void>(row);
  }
  r->producers.wait();
}

GOKER("cockroach/4407", sync_misuse, "W02", "group.add from zero|cockroach.cpp") {
  struct stopper {
    mutex mu;
    wait_group drain;
    bool draining = false;
    bool start() {
      const std::lock_guard hold(mu);
      if (draining) return false;
      drain.add();
      return true;
    }
  };
  const auto s = std::make_shared<stopper>();
  auto started = make_chan<unit>();
  const auto task = [s, fixed, started] {
    if (fixed) started << unit{};
    else if (!s->start()) return;
    yield();
    s->drain.done();
  };
  if (fixed) s->start();
  go(task);
  if (fixed) started.recv();
  s->drain.wait();
}

GOKER("cockroach/35501", race, "data race", "gc_index") {
  wait_group all;
  int gc_index = 0;
  for (; gc_index < 3; ++gc_index) {
    if (fixed) all.go([mine = gc_index] { see(mine); });
    else all.go([&gc_index] { see(gc_index); });
  }
  all.wait();
}
