#include <ravel/ravel.hpp>

#include <vector>

using namespace ravel;

void only_receiver() {
  auto c = make_chan<int>();
  go([c] {
    c << 3;
    c.close();
  });
  for (int v : c) {
    if (v > 0) c << v - 1;  // expect: send-by-receiver
  }
}

// --- near misses

void with_room_by_its_view() {
  auto c = make_chan<int>(8);
  const recv_chan<int> in = c;
  c << 3;
  for (int v : in) {
    if (v > 0) c << v - 1;
    else c.close();
  }
}

void elements(std::vector<chan<int>>& channels, std::size_t i) {
  auto c = make_chan<int>();
  auto& in = channels.at(i);
  auto& out = channels.at(i + 1);
  go([c] { c.close(); });
  for (int v : in) out << v;
  for (int v : c) in << v;
}

void around_its_view(chan<int> c) {
  const recv_chan<int> in = c;
  for (int v : in) {
    if (v > 0) c << v - 1;
  }
}

void to_another(recv_chan<int> in, send_chan<int> out) {
  for (int v : in) out << v;
}

void queue_with_room() {
  auto c = make_chan<int>(16);
  c << 3;
  for (int v : c) {
    if (v > 0) c << v - 1;
    else c.close();
  }
}

void one_of_several() {
  auto c = make_chan<int>();
  wait_group wg;
  for (int i = 0; i < 2; ++i) {
    wg.go([c] {
      for (int v : c) {
        if (v > 0) c << v - 1;
      }
    });
  }
  c << 3;
  wg.wait();
}
