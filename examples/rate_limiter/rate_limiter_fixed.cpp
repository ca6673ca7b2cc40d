// A rate limiter: a token every two milliseconds, one token for each request, and up to three tokens kept for a burst.

#include <ravel/ravel.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

namespace {

void serve(ravel::recv_chan<int> requests, int& served) {
  constexpr int burst = 3;
  ravel::ticker refill(2ms);
  int tokens = burst;
  for (bool open = true; open;) {
    // A nil channel is never ready: without a token no request is taken.
    const auto next = tokens > 0 ? requests : ravel::recv_chan<int>();
    ravel::select(
        ravel::on_recv(refill.c(), [&] { tokens = std::min(tokens + 1, burst); }),
        ravel::on_recv(next, [&](std::optional<int> request) {
          open = request.has_value();
          if (!open) return;
          --tokens;
          ++served;
        }));
  }
}

}  // namespace

int main() {
  auto requests = ravel::make_chan<int>(8);
  for (int r = 0; r < 8; ++r) requests << r;
  requests.close();

  int served = 0;
  ravel::wait_group limiter;
  limiter.go([&] { serve(requests, served); });

  limiter.wait();
  std::cout << "served " << served << " of 8 requests\n";
}
