#include <map>
#include <vector>

#include "kernel.hpp"

using namespace goker;

namespace {

struct watcher_1321 {
  mutex lock;
  std::map<int, chan<int>> watchers{{1, make_chan<int>()}};
  chan<unit> stopped = make_chan<unit>();

  void distribute(bool fixed) {
    const std::lock_guard hold(lock);
    for (auto& [id, result] : watchers) {
      if (fixed) select(on_send(result, 1), on_recv(stopped));
      else result << 1;
    }
  }
  void stop(bool fixed) {
    if (fixed) stopped.close();
    const std::lock_guard hold(lock);
    watchers.erase(1);
  }
};

struct writer_6632 {
  mutex lock;
  chan<unit> closing = make_chan<unit>(), reset = make_chan<unit>();

  void monitor(bool fixed) {
    if (select(on_recv(closing), on_recv(reset)) == 1) return;
    if (fixed) select(on_recv(reset), on_recv(after(1s)));
    const std::lock_guard hold(lock);
  }
  void write_frame(bool fixed) {
    const std::lock_guard hold(lock);
    if (fixed) select(on_send(reset, unit{}), on_recv(after(1s)));
    else reset << unit{};
  }
};

struct cacher_13135 {
  mutex usable;
  rw_mutex store;
  once first;

  void begin() { usable.lock(); }
  void finish() { usable.unlock(); }
  void add() { const std::lock_guard hold(store); }
};

}  // namespace

GOKER("kubernetes/1321", leak, "C24", "watcher_1321::distribute|watcher_1321::stop|mutex at") {
  const auto w = std::make_shared<watcher_1321>();
  go({.name = "distributor"}, [w, fixed] { w->distribute(fixed); });
  go({.name = "stopper"}, [w, fixed] { w->stop(fixed); });
}

GOKER("kubernetes/6632", leak, "C24|C21", "writer_6632::write_frame|Locks held: mutex") {
  const auto w = std::make_shared<writer_6632>();
  go({.name = "monitor"}, [w, fixed] { w->monitor(fixed); });
  go({.name = "writer"}, [w, fixed] { w->write_frame(fixed); });
  w->closing.close();
}

// The lock is taken by one goroutine and given back by another; what is signalled before the other waits is lost.
GOKER("kubernetes/11298", deadlock, "D08", "(waiter)|cond at") {
  struct node {
    mutex lock;
    cond changed{lock};
    std::atomic<bool> stopped{false};
    chan<unit> over = make_chan<unit>();
  };
  const auto n = std::make_shared<node>();
  n->lock.lock();
  go([n] { n->lock.unlock(); });
  go({.name = "waiter"}, [n] {
    n->lock.lock();
    while (!n->stopped) n->changed.wait();
    n->lock.unlock();
    n->over.close();
  });
  go({.name = "stopper"}, [n, fixed] {
    std::unique_lock hold(n->lock, std::defer_lock);
    if (fixed) hold.lock();
    n->stopped = true;
    n->changed.broadcast();
  });
  n->over.recv();
}

GOKER("kubernetes/13135", lock_order, "M07", "cacher_13135::add|(cacher)|(lister)") {
  const auto c = std::make_shared<cacher_13135>();
  go({.name = "cacher"}, [c] {
    for (int round = 0; round < 2; ++round) {
      c->begin();
      c->add();
      c->finish();
      c->first.call([] {});
    }
  });
  go({.name = "lister"}, [c, fixed] {
    std::unique_lock hold(c->store);
    if (fixed) hold.unlock();
    c->begin();
    c->finish();
  });
}

GOKER("kubernetes/25331", leak, "C21", "(decoder)") {
  struct watch { chan<int> result = make_chan<int>(), error = make_chan<int>(); };
  const auto w = std::make_shared<watch>();
  auto [ctx, cancel] = context::with_cancel(context::background());
  go({.name = "decoder"}, [w, ctx = ctx, fixed] {
    ctx.done().recv();
    if (!fixed) w->result << 1;
    else select(on_send(w->result, 1), on_default([] {}));
  });
  go([w, ctx = ctx] { select(on_recv(w->error), on_recv(ctx.done())); });
  cancel();
}

GOKER("kubernetes/26980", deadlock, "C24", "(pop)|(probe)|mutex") {
  struct listener {
    rw_mutex lock;
    chan<unit> stop = make_chan<unit>();
    chan<int> next = make_chan<int>();
  };
  const auto l = std::make_shared<listener>();
  auto over = make_chan<unit>();
  go({.name = "pop"}, [l, over, fixed] {
    {
      std::unique_lock hold(l->lock);
      if (fixed) hold.unlock();
      select(on_recv(l->stop), on_send(l->next, 1));
    }
    over.close();
  });
  go({.name = "probe"}, [l] {
    {
      const std::shared_lock hold(l->lock);
    }
    l->stop.close();
  });
  over.recv();
}

GOKER("kubernetes/62464", lock_order, "M06", "(reader)|(writer)|rw_mutex at") {
  struct memory { rw_mutex lock; };
  const auto m = std::make_shared<memory>();
  go({.name = "reader"}, [m, fixed] {
    const std::shared_lock outer(m->lock);
    if (fixed) return;
    const std::shared_lock inner(m->lock);
  });
  go({.name = "writer"}, [m] { const std::lock_guard hold(m->lock); });
}

GOKER("kubernetes/70277", deadlock, "C14|C19", "waits to receive from the channel") {
  auto done = make_chan<unit>();
  auto poll = make_chan<unit>();
  go({.name = "poller"}, [done, poll] {
    RAVEL_DEFER { poll.close(); };
    ticker every(1s);
    RAVEL_DEFER { every.stop(); };
    auto limit = after(20s);
    for (bool on = true; on;) {
      select(on_recv(every.c(), [&](auto) { select(on_send(poll, unit{}), on_default([] {})); }), on_recv(limit, [&](auto) { on = false; }),
             on_recv(done, [&](auto) { on = false; }));
    }
  });
  bool closed = false;
  RAVEL_DEFER { if (!closed) done.close(); };
  poll.recv();
  if (fixed) {
    done.close();
    closed = true;
  }
  done.recv();
}

GOKER("kubernetes/49404", race, "data race", "called_49404") {
  struct server {
    bool called_49404 = false;
    wait_group all;
  };
  const auto s = std::make_shared<server>();
  s->all.add();
  go([s] {
    s->called_49404 = true;
    s->all.done();
  });
  if (fixed) s->all.wait();
  const bool called = s->called_49404;
  s->all.wait();
  if (fixed && !called) explore::fail("was not called");
}

GOKER("kubernetes/77796", race, "data race", "nodes_77796") {
  struct nodes_77796 {
    rw_mutex lock;
    std::vector<int> all;
  };
  const auto n = std::make_shared<nodes_77796>();
  go([n] {
    const std::lock_guard hold(n->lock);
    n->all.push_back(1);
  });
  std::shared_lock hold(n->lock, std::defer_lock);
  if (fixed) hold.lock();
  see(n->all.size());
}

GOKER("kubernetes/81148", race, "data race", "queue_81148") {
  struct queue_81148 {
    rw_mutex lock;
    std::map<int, int> pods;
    clock::time_point last;
  };
  const auto q = std::make_shared<queue_81148>();
  go({.name = "flush"}, [q] {
    sleep_for(1s);
    const std::lock_guard hold(q->lock);
    if (clock::now() - q->last > 1h) q->pods.clear();
  });
  {
    const std::lock_guard hold(q->lock);
    q->pods[1] = 1;
    if (fixed) q->last = clock::now();
  }
  sleep_for(1s);
  if (!fixed) q->last = clock::now();
}

GOKER("kubernetes/89164", race, "data race", "recorder_89164") {
  struct recorder_89164 {
    rw_mutex lock;
    std::vector<int> events;
  };
  const auto r = std::make_shared<recorder_89164>();
  wait_group all;
  all.go([r] {
    const std::lock_guard hold(r->lock);
    r->events.push_back(1);
  });
  if (fixed) all.wait();
  see(r->events.size());
  all.wait();
}
