#pragma once
// Which classes of schedules were seen, and how much was not.

#include <cstdint>
#include <vector>

namespace ravel::detector::explore {

class behaviours {
 public:
  bool add(std::uint64_t fingerprint);              // true: new
  std::uint64_t distinct() const { return distinct_; }
  std::uint64_t seen_once() const { return once_; }

  // With probability 95 % at most this share of what the strategy draws was never seen: Good and Turing's estimate and its deviation, McAllester,
  // Schapire: On the convergence rate of Good-Turing estimators (COLT 2000), theorem 1.
  static double unseen(std::uint64_t seen_once, std::uint64_t drawn);

 private:
  struct entry {
    std::uint64_t fingerprint;
    std::uint32_t times;   // 0: empty; 2: twice or more
  };
  void grow();
  std::vector<entry> table_ = std::vector<entry>(1024);
  std::uint64_t distinct_ = 0, once_ = 0;
};

}  // namespace ravel::detector::explore
