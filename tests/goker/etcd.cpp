#include <unordered_map>

#include "kernel.hpp"

using namespace goker;

int schedule_count_4876;
int compacted_8194;

namespace {

struct node_6857 {
  chan<chan<int>> status = make_chan<chan<int>>();
  chan<unit> stop = make_chan<unit>(), done = make_chan<unit>();

  void run() {
    for (bool on = true; on;) {
      select(on_recv(status, [](std::optional<chan<int>> answer) { *answer << 1; }), on_recv(stop, [&](auto) { on = false; }));
    }
    done.close();
  }
  void ask(bool fixed) {
    auto answer = make_chan<int>(1);
    if (!fixed) status << answer;
    else if (select(on_send(status, answer), on_recv(done)) == 1) return;
    answer.recv();
  }
};

// Keeps tokens until a tick throws old ones away.
struct tokens_7492 {
  rw_mutex lock;
  chan<int> added = make_chan<int>(1);
  chan<chan<unit>> stop = make_chan<chan<unit>>();

  void keep() {
    ticker every(1ms);
    for (bool on = true; on;) {
      select(on_recv(added), on_recv(every.c(), [this](auto) { const std::lock_guard sweep(lock); }), on_recv(stop, [&](std::optional<chan<unit>> told) {
               on = false;
               told->close();
             }));
    }
    every.stop();
  }
  void assign(bool fixed) {
    std::unique_lock hold(lock);
    if (fixed) hold.unlock();
    added << 1;
  }
};

}  // namespace

GOKER("etcd/5509", deadlock, "M08", "rw_mutex at|nobody will unlock") {
  struct client {
    rw_mutex mu;
    bool closed = false;
  };
  const auto c = std::make_shared<client>();
  go({.name = "retry"}, [c, fixed] {
    c->mu.lock_shared();
    if (c->closed && !fixed) return;
    c->mu.unlock_shared();
  });
  {
    const std::lock_guard hold(c->mu);
    c->closed = true;
  }
  const std::lock_guard again(c->mu);
}

GOKER("etcd/6708", deadlock, "M05", "rw_mutex at|which it holds itself") {
  rw_mutex endpoints;
  std::unique_lock setting(endpoints);
  if (fixed) setting.unlock();
  const std::shared_lock pinning(endpoints);
}

GOKER("etcd/6857", leak, "C21", "(status)|node_6857::ask") {
  const auto n = std::make_shared<node_6857>();
  go({.name = "node"}, [n] { n->run(); });
  go({.name = "status"}, [n, fixed] { n->ask(fixed); });
  go({.name = "stop"}, [n] {
    if (select(on_send(n->stop, unit{}), on_recv(n->done)) == 0) n->done.recv();
  });
}

GOKER("etcd/7492", deadlock, "C24", "tokens_7492::keep|tokens_7492::assign|rw_mutex at|with 1 of 1 elements") {
  const auto t = std::make_shared<tokens_7492>();
  go({.name = "keeper"}, [t] { t->keep(); });
  const auto all = std::make_shared<wait_group>();
  for (int i = 0; i < 3; ++i) {
    all->add();
    go([t, all, fixed] {
      sleep_for(1ms);
      t->assign(fixed);
      all->done();
    });
  }
  all->wait();
  auto told = make_chan<unit>();
  t->stop << told;
  told.recv();
}

GOKER("etcd/4876", race, "data race", "schedule_count_4876") {
  auto done = make_chan<unit>();
  go([done, fixed] {
    if (fixed) done.recv();
    schedule_count_4876 = 1;
  });
  see(schedule_count_4876);
  if (fixed) done << unit{};
}

GOKER("etcd/8194", race, "data race", "compacted_8194") {
  chan<unit> stop;  // nobody has made it: it stops nobody
  auto over = make_chan<unit>();
  go([stop, over] {
    select(on_recv(stop), on_default([] {}));
    compacted_8194 = 1;
    over.close();
  });
  if (fixed) over.recv();
  compacted_8194 = 2;
  over.recv();
}

GOKER("etcd/9446", race, "data race", "nodes_9446") {
  struct nodes_9446 {
    mutex lock;
    std::unordered_map<int, int> map{{1, 1}, {2, 2}};
  };
  const auto n = std::make_shared<nodes_9446>();
  const auto guarded = [n, fixed](auto f) {
    std::unique_lock hold(n->lock, std::defer_lock);
    if (fixed) hold.lock();
    f(n->map);
  };
  wait_group both;
  both.go([&] { guarded([](auto& map) { map.clear(); }); });
  both.go([&] { guarded([](auto& map) { see(map.count(1)); }); });
  both.wait();
}
