#include "kernel.hpp"

using namespace goker;

int minimum_backoff_1748;

GOKER("grpc/862", leak, "G03", "(connector)|goes on for ever|context") {
  auto [ctx, cancel] = context::with_cancel(context::background());
  go({.name = "connector"}, [ctx = ctx] {
    while (select(on_recv(ctx.done()), on_recv(after(1s))) == 1) {}
  });
  if (fixed) cancel();
}

GOKER("grpc/1424", leak, "C14", "(caller)") {
  struct balancer { chan<int> notify = make_chan<int>(); chan<unit> done = make_chan<unit>(); };
  const auto b = std::make_shared<balancer>();
  go({.name = "watcher"}, [b, fixed] {
    for (int address : b->notify) static_cast<void>(address);
    if (fixed) b->done.close();
  });
  go({.name = "caller"}, [b] { b->done.recv(); });
  b->notify << 1;
  b->notify.close();
}

GOKER("grpc/3017", deadlock, "M08", "mutex at|nobody will unlock") {
  struct cache {
    mutex mu;
    bool cancelled = false;
  };
  const auto c = std::make_shared<cache>();
  auto removed = make_chan<unit>();
  timer remover = after_func(1s, [c, fixed, removed] {
    RAVEL_DEFER { removed.close(); };
    c->mu.lock();
    if (c->cancelled && !fixed) return;
    c->mu.unlock();
  });
  sleep_for(1s);
  {
    const std::lock_guard hold(c->mu);
    c->cancelled = true;
  }
  if (!remover.stop()) removed.recv();
  const std::lock_guard again(c->mu);
}

GOKER("grpc/1748", race, "data race", "minimum_backoff_1748") {
  struct connection { mutex lock; };
  const auto c = std::make_shared<connection>();
  const auto set = [c, fixed](int value) {
    std::unique_lock hold(c->lock, std::defer_lock);
    if (fixed) hold.lock();
    minimum_backoff_1748 = value;
  };
  wait_group all;
  all.go([c] {
    const std::lock_guard hold(c->lock);
    see(minimum_backoff_1748);
  });
  set(1);
  all.wait();
  set(0);
}

GOKER("grpc/2371", panic, "balancer is gone", "balancer is gone") {
  struct resolver {
    mutex lock;
    const int* balancer;
    int it = 1;
    chan<int> config = make_chan<int>(1);
  };
  const auto r = std::make_shared<resolver>();
  r->balancer = &r->it;
  go({.name = "watcher"}, [r, fixed] {
    r->config.recv();
    const std::lock_guard hold(r->lock);
    if (r->balancer == nullptr && !fixed) throw panic_error("the balancer is gone");
  });
  go({.name = "closer"}, [r] {
    const std::lock_guard hold(r->lock);
    r->balancer = nullptr;
  });
  r->config << 1;
}

GOKER("grpc/3090", race, "data race", "connection_3090|Locks held: mutex") {
  struct connection_3090 {
    mutex lock;
    int value = 0;
    int* current = nullptr;
  };
  const auto c = std::make_shared<connection_3090>();
  go([c] {
    const std::lock_guard hold(c->lock);
    see(c->current);
  });
  std::unique_lock hold(c->lock, std::defer_lock);
  if (fixed) hold.lock();
  c->current = &c->value;
}
