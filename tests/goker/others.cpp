// hugo, istio and serving.

#include <map>
#include <vector>

#include "kernel.hpp"

using namespace goker;

namespace {

// A lock for each address, made when it is first asked for.
struct locks_3251 {
  rw_mutex lock;
  std::map<int, mutex> all;

  void take(int url, bool fixed) {
    std::unique_lock hold(lock);
    mutex& mine = all[url];
    if (fixed) hold.unlock();
    mine.lock();
  }
  void give_back(int url) {
    const std::shared_lock hold(lock);
    all[url].unlock();
  }
};

struct page_5379 {
  mutex content;
  once plain, whole;

  void fill(bool fixed) {
    plain.call([this, fixed] {
      std::unique_lock hold(content, std::defer_lock);
      if (!fixed) hold.lock();
    });
  }
  void init(const std::shared_ptr<page_5379>& me, bool fixed) {
    whole.call([&] {
      auto [ctx, cancel] = context::with_timeout(context::background(), 1s);
      RAVEL_DEFER { cancel(); };
      auto done = make_chan<unit>(1);
      go({.name = "renderer"}, [me, done, fixed] {
        const std::lock_guard rendering(me->content);
        me->fill(fixed);
        done << unit{};
      });
      if (select(on_recv(done), on_recv(ctx.done())) == 1) const std::lock_guard logging(content);
    });
  }
};

}  // namespace

GOKER("hugo/3251", lock_order, "M07", "locks_3251::take|locks_3251::give_back|rw_mutex") {
  const auto l = std::make_shared<locks_3251>();
  const auto all = std::make_shared<wait_group>();
  for (int i = 0; i < 3; ++i) {
    all->add();
    go({.name = "getter"}, [l, all, fixed] {
      l->take(1, fixed);
      l->give_back(1);
      all->done();
    });
  }
  all->wait();
}

GOKER("hugo/5379", deadlock, "M03", "(renderer)|once at|page_5379::fill|which it holds itself") {
  const auto p = std::make_shared<page_5379>();
  const auto all = std::make_shared<wait_group>();
  for (int i = 0; i < 3; ++i) {
    all->add();
    go({.name = "site"}, [p, all, fixed] {
      p->init(p, fixed);
      all->done();
    });
  }
  all->wait();
}

GOKER("istio/17860", leak, "C21", "(proxy)") {
  struct agent {
    mutex lock;
    int epoch = 0;
    chan<int> status = make_chan<int>();
  };
  const auto a = std::make_shared<agent>();
  auto [ctx, cancel] = context::with_cancel(context::background());
  go({.name = "run"}, [a, ctx = ctx] {
    ticker health(1s);
    RAVEL_DEFER { health.stop(); };
    for (bool on = true; on;) {
      select(on_recv(a->status, [&](auto) { const std::lock_guard hold(a->lock); ++a->epoch; }), on_recv(health.c()), on_recv(ctx.done(), [&](auto) { on = false; }));
    }
  });
  go({.name = "proxy"}, [a, ctx = ctx, fixed] {
    timer exits(2s);
    exits.c().recv();
    if (!fixed) a->status << 1;
    else select(on_send(a->status, 1), on_recv(ctx.done()));
  });
  sleep_for(2s);
  cancel();
}

GOKER("serving/2137", deadlock, "C24|C20", "mutex at|(request)|with 1 of 1 elements") {
  struct request {
    mutex lock;
    chan<bool> accepted = make_chan<bool>(1);
  };
  struct breaker {
    chan<unit> pending = make_chan<unit>(2), active = make_chan<unit>(1);
    request requests[2];
  };
  const auto b = std::make_shared<breaker>();
  for (request& r : b->requests) r.lock.lock();
  for (int i = 0; i < 2; ++i) {
    go({.name = "request"}, [b, i] {
      request& r = b->requests[i];
      b->pending << unit{};
      b->active << unit{};
      r.lock.lock();
      r.lock.unlock();
      b->active.recv();
      b->pending.recv();
      r.accepted << true;
    });
  }
  if (fixed) b->requests[1].lock.unlock();
  b->requests[0].lock.unlock();
  b->requests[0].accepted.recv();
  if (!fixed) b->requests[1].lock.unlock();
  b->requests[1].accepted.recv();
}

GOKER("istio/8967", race, "data race", "source_8967") {
  struct source_8967 { chan<unit> done = make_chan<unit>(); };
  const auto s = std::make_shared<source_8967>();
  go([s, mine = s->done, fixed] { select(on_recv(fixed ? mine : s->done)); });
  s->done.close();
  s->done = {};
}

GOKER("serving/3068", channel_misuse, "C06|send on closed channel", "others.cpp") {
  struct revision {
    chan<int> updates = make_chan<int>();
    wait_group senders;
    once closing;
  };
  const auto r = std::make_shared<revision>();
  r->senders.add();
  go({.name = "sender"}, [r] {
    RAVEL_DEFER { r->senders.done(); };
    r->updates << 1;
  });
  go({.name = "closer"}, [r, fixed] {
    if (fixed) r->senders.wait();
    r->closing.call([&] { r->updates.close(); });
  });
  for (int update : r->updates) static_cast<void>(update);
}

GOKER("serving/3148", race, "data race", "informer_3148") {
  struct informer_3148 {
    mutex lock;
    std::vector<int> reactors{1, 2};
  };
  const auto f = std::make_shared<informer_3148>();
  go([f, fixed] {
    std::unique_lock hold(f->lock, std::defer_lock);
    if (fixed) hold.lock();
    for (int r : f->reactors) see(r);
  });
  std::unique_lock hold(f->lock, std::defer_lock);
  if (fixed) hold.lock();
  f->reactors.push_back(3);
}

// A test's log may not be used when the test is over.
GOKER("serving/4908", panic, "log after the test", "log after the test") {
  struct test {
    mutex lock;
    bool over = false;
    wait_group loggers;
    void log() {
      const std::lock_guard hold(lock);
      if (over) throw panic_error("log after the test has ended");
    }
  };
  const auto t = std::make_shared<test>();
  t->loggers.add();
  go({.name = "controller"}, [t] {
    RAVEL_DEFER { t->loggers.done(); };
    t->log();
  });
  if (fixed) t->loggers.wait();
  const std::lock_guard hold(t->lock);
  t->over = true;
}
