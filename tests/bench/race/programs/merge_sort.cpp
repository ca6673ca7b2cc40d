// Two million numbers; the upper three levels sort their halves concurrently.
#include "concurrent.hpp"

namespace {

using iterator = std::vector<std::uint32_t>::iterator;

void sort(iterator first, iterator last, iterator room, int spawn_levels) {
  const auto size = last - first;
  if (size < 2) return;
  const iterator middle = first + size / 2, room_middle = room + size / 2;
  if (spawn_levels > 0) {
    conc::wait_group half;
    half.go([=] { sort(first, middle, room, spawn_levels - 1); });
    sort(middle, last, room_middle, spawn_levels - 1);
    half.wait();
  } else {
    sort(first, middle, room, 0);
    sort(middle, last, room_middle, 0);
  }
  iterator a = first, b = middle, out = room;
  while (a != middle && b != last) *out++ = *b < *a ? *b++ : *a++;
  while (a != middle) *out++ = *a++;
  while (b != last) *out++ = *b++;
  for (iterator from = room, to = first; to != last;) *to++ = *from++;
}

}  // namespace

int main() {
  std::vector<std::uint32_t> values(2'000'000), room(values.size());
  xorshift random(1);
  for (auto& v : values) v = static_cast<std::uint32_t>(random.next());
  sort(values.begin(), values.end(), room.begin(), 3);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < values.size(); i += 1000) sum = sum * 31 + values[i];
  return print_checksum(sum);
}
