// Parallel merge sort, which also counts the inversions: the pairs of numbers that stood in the wrong order.

#include <ravel/ravel.hpp>

#include <algorithm>
#include <iostream>
#include <span>
#include <vector>

namespace {

void merge_sort(std::span<int> numbers, long& inversions) {
  if (numbers.size() < 2) return;
  const auto left = numbers.first(numbers.size() / 2);
  const auto right = numbers.subspan(left.size());

  ravel::wait_group halves;
  halves.go([&] { merge_sort(left, inversions); });
  merge_sort(right, inversions);
  halves.wait();

  std::vector<int> merged;
  auto l = left.begin(), r = right.begin();
  while (l != left.end() && r != right.end()) {
    if (*l <= *r) {
      merged.push_back(*l++);
    } else {
      merged.push_back(*r++);
      // Each half has its own numbers, but both add to the same count, at the same time.
      inversions += left.end() - l;  // races
    }
  }
  merged.insert(merged.end(), l, left.end());
  merged.insert(merged.end(), r, right.end());
  std::ranges::copy(merged, numbers.begin());
}

}  // namespace

int main() {
  std::vector<int> numbers;
  for (int i = 1; i <= 256; ++i) numbers.push_back(i * 100 % 257);  // 1 to 256, well shuffled

  long inversions = 0;
  merge_sort(numbers, inversions);
  std::cout << (std::ranges::is_sorted(numbers) ? "sorted" : "not sorted") << ", there were " << inversions << " inversions\n";
}
