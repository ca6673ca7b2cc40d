#pragma once
// Which classes of schedules were seen, and how much was not.

#include <array>
#include <cstdint>
#include <vector>

namespace ravel::detector::explore {

class behaviours {
 public:
  bool add(std::uint64_t fingerprint);              // true: new
  std::uint64_t distinct() const { return distinct_; }
  std::uint64_t seen_once() const { return once_; }

  // With probability 95 % at most this share of what the strategy draws is of classes that were never seen. The first draws, up to a power of two
  // that is at most half of them, are the set; how many of the others were outside of it is binomial, whose exact bound is that of Clopper,
  // Pearson: The use of confidence or fiducial limits illustrated in the case of the binomial (Biometrika 26, 1934). Holding out like this
  // needs no assumption on the number of classes, and at the few draws we have it is far tighter than the deviation of Good's and Turing's
  // estimate (Good: Biometrika 40, 1953; McAllester, Schapire: COLT 2000). Exact for draws that do not depend on each other; a strategy that
  // learns only comes near.
  double unseen() const;

  // How many classes there are, from how many were drawn once and twice: Chao: Estimating the population size for capture-recapture data with
  // unequal catchability (Biometrics 43, 1987), formulae 5 and following, bias-corrected, with its interval of 95 %. A class that is hardly ever
  // drawn cannot be told from one that does not exist: for a strategy that draws some far more often than others it is a lower bound.
  // Knuth's estimator on the tree of sleep sets (Mathematics of computation 29, 1975) was tried and left out: most descents end asleep.
  struct interval {
    double about, least, most;
  };
  interval classes() const;

 private:
  struct entry {
    std::uint64_t fingerprint;
    std::uint8_t times;    // 0: empty; 3: three times or more
    std::int8_t after;     // it was first drawn after more than 2^after draws; -1: in the first
  };
  void grow();
  void count(const entry& e);
  std::vector<entry> table_ = std::vector<entry>(1024);
  std::uint64_t distinct_ = 0, once_ = 0, twice_ = 0, drawn_ = 0;
  std::array<std::uint64_t, 64> drawn_of_{};   // how many draws were of classes with this `after`
};

}  // namespace ravel::detector::explore
