#include <ravel/ravel.hpp>

using namespace ravel;

void use(int);

void spins() {
  auto c = make_chan<int>(1);
  go([c] {
    c << 1;
    c.close();
  });
  for (;;) {
    int v = 0;
    c >> v;  // expect: ignored-close
    use(v);
  }
}

void takes_nothing() {
  auto c = make_chan<int>(1);
  go([c] { c.close(); });
  while (true) use(*c.recv());  // expect: ignored-close
}

// --- near misses

void asks() {
  auto c = make_chan<int>(1);
  go([c] { c.close(); });
  int v = 0;
  while (c >> v) use(v);
}

void leaves() {
  auto c = make_chan<int>(1);
  go([c] {
    c << -1;
    c.close();
  });
  for (;;) {
    int v = *c.recv();
    if (v < 0) break;
  }
}

void never_closed(recv_chan<int> c) {
  for (;;) use(*c.recv());
}

void counted() {
  auto c = make_chan<int>(3);
  go([c] {
    for (int i = 0; i < 3; ++i) c << i;
    c.close();
  });
  for (int i = 0; i < 3; ++i) use(*c.recv());
}
