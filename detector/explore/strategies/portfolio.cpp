// The default: several strategies by turns, since none is good at everything. A first schedule without preemption, then POS, SURW, PCT and
// the random walk in fixed shares. Each member sees the traces of all, so what one learns serves the others.

#include <array>
#include <memory>

#include "detector/explore/strategy.hpp"

namespace ravel::detector::explore {

namespace {

class portfolio final : public strategy {
 public:
  explicit portfolio(std::uint64_t seed)
      : members_{make_round_robin(), make_pos(seed), make_surw(seed + 1), make_pct(seed + 2, 3), make_random(seed + 3), make_pct(seed + 4, 2)} {}

  bool begin(std::uint64_t number) override {
    constexpr std::array<std::uint8_t, 8> turns{surw, pos, surw, pct3, surw, pos, walk, pct2};
    present_ = number == 0 ? first : turns[(number - 1) % turns.size()];
    return members_[present_]->begin(number);
  }
  std::uint32_t next(const hooks::choice& c) override { return members_[present_]->next(c); }
  std::uint32_t choose(std::uint32_t n) override { return members_[present_]->choose(n); }
  bool draws_evenly() const override { return members_[present_]->draws_evenly(); }
  void learn(const trace& t) override {
    for (const auto& m : members_) m->learn(t);
  }

 private:
  enum : std::uint8_t { first, pos, surw, pct3, walk, pct2, count };
  std::array<std::unique_ptr<strategy>, count> members_;
  std::uint8_t present_ = first;
};

}  // namespace

std::unique_ptr<strategy> make_portfolio(std::uint64_t seed) { return std::make_unique<portfolio>(seed); }

}  // namespace ravel::detector::explore
