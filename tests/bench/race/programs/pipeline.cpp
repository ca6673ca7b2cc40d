// Five stages with buffered channels between them; the items are buffers that each stage changes and hands on.
#include "concurrent.hpp"

int main() {
  constexpr int stages = 5, items = 300'000 / (conc::lighter > 1 ? 4 : 1);
  using item = std::unique_ptr<std::vector<std::uint32_t>>;
  conc::wait_group all;
  auto first = conc::make_chan<item>(64);
  auto in = first;
  for (int s = 0; s < stages; ++s) {
    auto out = conc::make_chan<item>(64);
    all.go([=]() mutable {
      while (auto v = in.recv()) {
        for (auto& x : **v) x = x * 3 + 1;
        out.send(std::move(*v));
      }
      out.close();
    });
    in = out;
  }
  all.go([=]() mutable {
    for (int i = 0; i < items; ++i) first.send(std::make_unique<std::vector<std::uint32_t>>(16, i));
    first.close();
  });
  std::uint64_t received = 0, wrong = 0;
  while (auto v = in.recv()) {
    // 243 x + 121 after five stages.
    for (auto x : **v) wrong += x != static_cast<std::uint32_t>(received) * 243 + 121;
    ++received;
  }
  all.wait();
  return print_checksum(wrong + (received == items ? 0 : 1));
}
