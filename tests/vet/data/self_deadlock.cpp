#include <ravel/ravel.hpp>

using namespace ravel;

void use(int);
void start(recv_chan<int>);

void nobody_receives() {
  auto c = make_chan<int>();
  c << 1;  // expect: self-deadlock
  go([c] { use(*c.recv()); });
}

void more_than_its_room() {
  auto c = make_chan<int>(1);
  c.send(1);
  c.send(2);  // expect: self-deadlock
  use(*c.recv());
}

void nobody_sends() {
  auto c = make_chan<int>();
  use(c.recv().value_or(0));  // expect: self-deadlock
  go([c] { c << 1; });
}

void nobody_sends_in_time() {
  auto c = make_chan<int>();
  c.recv();  // expect: self-deadlock
  go([c] { c << 1; });
}

// --- near misses

void receiver_first() {
  auto c = make_chan<int>();
  go([c] { use(*c.recv()); });
  c << 1;
}

void room_enough() {
  auto c = make_chan<int>(2);
  c << 1;
  c << 2;
  use(*c.recv());
  c << 3;
}

void handed_on() {
  auto c = make_chan<int>();
  start(c);
  c << 1;
}

void closed() {
  auto c = make_chan<int>();
  c.close();
  use(c.recv().value_or(0));
}

void in_a_select() {
  auto c = make_chan<int>();
  select(on_send(c, 1), on_default([] {}));
}

void capacity_is_not_known(std::size_t n) {
  auto c = make_chan<int>(n);
  c << 1;
}

void by_an_earlier_turn(int n) {
  auto c = make_chan<int>();
  for (int i = 0; i < n; ++i) {
    if (i > 0) c << i;
    go([c] { use(*c.recv()); });
  }
}

void for_ever() {
  go([] { use(1); });
  auto forever = make_chan<unit>();
  forever.recv();
}
