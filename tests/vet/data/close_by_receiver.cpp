#include <ravel/ravel.hpp>

using namespace ravel;

void use(int);

void stops_when_it_has_enough(chan<int> c) {
  for (int v : c) {
    if (v == 3) {
      c.close();  // expect: close-by-receiver
      break;
    }
  }
}

void after_its_loop() {
  auto c = make_chan<int>();
  go([c] {
    for (int i = 0;; ++i) c << i;
  });
  while (auto v = c.recv()) {
    if (*v > 10) c.close();  // expect: close-by-receiver
  }
}

// --- near misses

void sender_closes() {
  auto c = make_chan<int>();
  go([c] {
    c << 1;
    c.close();
  });
  for (int v : c) use(v);
}

void closes_another(chan<int> c, chan<unit> done) {
  for (int v : c) use(v);
  done.close();
}

void sends_too(chan<int> tokens) {
  for (int v : tokens) {
    if (v == 0) tokens.close();
    else tokens << v - 1;
  }
}

void counted_replies() {
  auto c = make_chan<int>(2);
  go([c] { c << 1; });
  use(*c.recv());
  c.close();
}

void by_the_last_of_several(int senders) {
  auto c = make_chan<int>();
  for (int i = 0; i < senders; ++i) {
    go([c] { c << -1; });
  }
  for (int v : c) {
    if (v < 0 && --senders == 0) c.close();
  }
}

void after_the_last_of_several(int senders) {
  auto c = make_chan<int>();
  for (int i = 0; i < senders; ++i) {
    go([c] { c << -1; });
  }
  for (int v : c) {
    use(v);
    if (--senders == 0) break;
  }
  c.close();
}
