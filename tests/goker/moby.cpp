#include <string>

#include "kernel.hpp"

using namespace goker;

namespace {

struct device_36114 {
  mutex lock;
  void detach() { const std::lock_guard hold(lock); }
  void hot_remove(bool fixed) {
    std::unique_lock hold(lock);
    if (fixed) hold.unlock();
    detach();
  }
};

struct monitor_28462 {
  mutex lock;
  chan<unit> stop = make_chan<unit>();

  void watch() {
    for (bool on = true; on;) {
      select(on_recv(stop, [&](auto) { on = false; }), on_default([this] { const std::lock_guard probing(lock); }));
    }
  }
  void end(bool fixed) {
    std::unique_lock hold(lock);
    if (fixed) hold.unlock();
    stop << unit{};
  }
};

struct transfer_21233 {
  mutex lock;
  chan<int> progress = make_chan<int>();
  chan<unit> released = make_chan<unit>(), done = make_chan<unit>(), watching = make_chan<unit>();

  void broadcast(bool fixed) {
    for (int step = 0; step < 3; ++step) {
      const std::lock_guard hold(lock);
      if (!fixed) progress << step;
      else if (select(on_send(progress, step), on_recv(released)) == 1) break;
    }
    done.close();
  }
};

}  // namespace

GOKER("moby/4395", leak, "C21", "(starter)") {
  auto error = make_chan<int>(fixed ? 1 : 0);
  go({.name = "starter"}, [error] { error << 1; });
}

GOKER("moby/7559", leak, "M03", "(proxy)|mutex at") {
  struct proxy { mutex connections; };
  const auto p = std::make_shared<proxy>();
  go({.name = "proxy"}, [p, fixed] {
    const auto dial = [] { return false; };
    for (int packet = 0; packet < 2; ++packet) {
      p->connections.lock();
      if (!dial()) {
        if (fixed) p->connections.unlock();
        continue;
      }
      p->connections.unlock();
    }
  });
}

GOKER("moby/21233", leak, "C21", "(broadcaster)|(releaser)|transfer_21233::broadcast") {
  const auto t = std::make_shared<transfer_21233>();
  go({.name = "broadcaster"}, [t, fixed] { t->broadcast(fixed); });
  go({.name = "watcher"}, [t] {
    t->progress.recv();
    t->watching.close();
  });
  go({.name = "releaser"}, [t] {
    t->watching.recv();
    t->released.close();
    t->done.recv();
  });
}

GOKER("moby/25384", leak, "W06|W08", "(restorer)|wait_group at") {
  go({.name = "restorer"}, [fixed] {
    const auto plugins = std::make_shared<wait_group>();
    plugins->add(2);
    for (int i = 0; i < 2; ++i) {
      go([plugins] { plugins->done(); });
      if (!fixed) plugins->wait();
    }
    plugins->wait();
  });
}

GOKER("moby/28462", leak, "C24", "monitor_28462::watch|monitor_28462::end|mutex at") {
  const auto m = std::make_shared<monitor_28462>();
  go({.name = "monitor"}, [m] { m->watch(); });
  go({.name = "ender"}, [m, fixed] { m->end(fixed); });
}

GOKER("moby/30408", deadlock, "D08", "(waiter)|cond at") {
  struct manifest {
    mutex lock;
    cond changed{lock};
    bool active = false;
    chan<unit> over = make_chan<unit>();
  };
  const auto m = std::make_shared<manifest>();
  go({.name = "waiter"}, [m] {
    {
      std::unique_lock hold(m->lock);
      while (!m->active) m->changed.wait();
    }
    m->over.close();
  });
  go([m, fixed] {
    const std::lock_guard hold(m->lock);
    if (!fixed) return;
    m->active = true;
    m->changed.broadcast();
  });
  m->over.recv();
}

GOKER("moby/33293", leak, "C21", "(attacher)") {
  go({.name = "attacher"}, [fixed] {
    auto error = make_chan<int>(fixed ? 1 : 0);
    error << 1;
    error.recv();
  });
}

GOKER("moby/36114", leak, "M03", "device_36114::detach|mutex at") {
  const auto d = std::make_shared<device_36114>();
  go({.name = "remover"}, [d, fixed] { d->hot_remove(fixed); });
}

GOKER("moby/18412", race, "data race", "output_18412") {
  struct output_18412 { std::string buffer; };
  const auto o = std::make_shared<output_18412>();
  auto done = make_chan<unit>();
  go({.name = "command"}, [o, done] {
    sleep_for(2s);
    o->buffer = "written by the command, and long enough for the heap";
    done.close();
  });
  if (select(on_recv(done), on_recv(after(1s))) == 1 && fixed) done.recv();
  sleep_for(1s);
  see(o->buffer.size());
}

GOKER("moby/27037", race, "data race", "count_27037") {
  wait_group all;
  int count_27037 = 0;
  for (; count_27037 < 2; ++count_27037) {
    if (fixed) all.go([mine = count_27037] { see(mine); });
    else all.go([&count_27037] { see(count_27037); });
  }
  all.wait();
}
