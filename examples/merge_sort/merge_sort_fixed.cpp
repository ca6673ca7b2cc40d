// Parallel merge sort, which also counts the inversions: the pairs of numbers that stood in the wrong order.

#include <ravel/ravel.hpp>

#include <algorithm>
#include <iostream>
#include <span>
#include <vector>

namespace {

// Returns the number of inversions.
long merge_sort(std::span<int> numbers) {
  if (numbers.size() < 2) return 0;
  const auto left = numbers.first(numbers.size() / 2);
  const auto right = numbers.subspan(left.size());

  long in_left = 0;
  ravel::wait_group halves;
  halves.go([&] { in_left = merge_sort(left); });
  const long in_right = merge_sort(right);
  halves.wait();

  long inversions = in_left + in_right;
  std::vector<int> merged;
  auto l = left.begin(), r = right.begin();
  while (l != left.end() && r != right.end()) {
    if (*l <= *r) {
      merged.push_back(*l++);
    } else {
      merged.push_back(*r++);
      inversions += left.end() - l;
    }
  }
  merged.insert(merged.end(), l, left.end());
  merged.insert(merged.end(), r, right.end());
  std::ranges::copy(merged, numbers.begin());
  return inversions;
}

}  // namespace

int main() {
  std::vector<int> numbers;
  for (int i = 1; i <= 256; ++i) numbers.push_back(i * 100 % 257);  // 1 to 256, well shuffled

  const long inversions = merge_sort(numbers);
  std::cout << (std::ranges::is_sorted(numbers) ? "sorted" : "not sorted") << ", there were " << inversions << " inversions\n";
}
