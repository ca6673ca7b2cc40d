// Two players hit a ball to and fro over two channels, and each notes the numbers of the hits it made.

#include <ravel/ravel.hpp>

#include <iostream>
#include <string_view>
#include <vector>

namespace {

constexpr int rally = 10;

struct ball {
  int hits = 0;
};

std::vector<int> play(ravel::recv_chan<ball*> from, ravel::send_chan<ball*> to) {
  std::vector<int> notes;
  for (ball* b : from) {
    if (b->hits == rally) break;
    ++b->hits;  // races
    to << b;
    // Too late to look: the ball is the other player's from the moment it was sent.
    const int hit = b->hits;  // races
    notes.push_back(hit);
  }
  to.close();
  return notes;
}

void print(std::string_view player, const std::vector<int>& notes) {
  std::cout << player;
  for (int hit : notes) std::cout << ' ' << hit;
  std::cout << '\n';
}

}  // namespace

int main() {
  auto to_ping = ravel::make_chan<ball*>();
  auto to_pong = ravel::make_chan<ball*>();
  std::vector<int> ping, pong;
  ball the_ball;

  ravel::wait_group players;
  players.go([&] { ping = play(to_ping, to_pong); });
  players.go([&] { pong = play(to_pong, to_ping); });
  to_ping << &the_ball;
  players.wait();

  print("ping", ping);
  print("pong", pong);
}
