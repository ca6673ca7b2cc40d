// Each step is hashed together with the history of its goroutine and of what it touches: the hash of a step names all that happened before
// it, in the sense of the partial order. Their sum does not depend on the order in which commuting steps were taken.

#include "detector/explore/trace.hpp"

#include "detector/explore/random.hpp"

namespace ravel::detector::explore {

namespace {

struct history {
  const void* object = nullptr;
  std::uint64_t written = 0;   // hash of the last step that wrote
  std::uint64_t read = 0;      // sum of hashes of those that read since
  std::uint64_t added = 0;
  std::uint32_t of_trace = 0;
};

// Open addressing; entries of earlier traces count as empty, so that nothing is cleared.
class histories {
 public:
  void begin() {
    ++present_;
    used_ = 0;
  }
  history& of(const void* object) {
    if (used_ * 2 >= table_.size()) grow();
    std::size_t i = mix(reinterpret_cast<std::uintptr_t>(object)) & (table_.size() - 1);
    while (table_[i].of_trace == present_ && table_[i].object != object) i = (i + 1) & (table_.size() - 1);
    if (table_[i].of_trace != present_) {
      ++used_;
      table_[i] = {object, 0, 0, 0, present_};
    }
    return table_[i];
  }

 private:
  void grow() {
    std::vector<history> old(table_.size() * 2);
    old.swap(table_);
    for (const history& h : old) {
      if (h.of_trace != present_) continue;
      std::size_t i = mix(reinterpret_cast<std::uintptr_t>(h.object)) & (table_.size() - 1);
      while (table_[i].of_trace == present_) i = (i + 1) & (table_.size() - 1);
      table_[i] = h;
    }
  }
  std::vector<history> table_ = std::vector<history>(256);
  std::uint32_t present_ = 0;
  std::size_t used_ = 0;
};

struct scratch {
  histories objects;
  std::vector<std::uint64_t> goroutines;
};

void touch_object(history& h, hooks::touch how, std::uint64_t step) {
  switch (how) {
    case hooks::touch::nothing: break;
    case hooks::touch::reads: h.read += mix(step); break;
    case hooks::touch::adds: h.added += mix(step); break;
    case hooks::touch::writes:
      h.written = step;
      h.read = h.added = 0;
      break;
  }
}

std::uint64_t seen(const history& h, hooks::touch how) {
  switch (how) {
    case hooks::touch::nothing: return 0;
    case hooks::touch::reads: return mix(h.written ^ mix(h.added));
    case hooks::touch::adds: return mix(h.written ^ mix(h.read));
    case hooks::touch::writes: return mix(h.written ^ mix(h.read ^ mix(h.added)));
  }
  __builtin_unreachable();
}

}  // namespace

// An untouched object has no name: addresses differ from run to run. Which goroutines met at it is in their histories.
std::uint64_t fingerprint(const trace& t) {
  static scratch s;
  s.objects.begin();
  s.goroutines.assign(t.goroutines, 0);
  for (std::uint32_t i = 0; i < t.goroutines; ++i) s.goroutines[i] = mix(i + 1);
  std::uint64_t sum = 0;
  std::uint32_t last = 0;
  for (const event& e : t.events) {
    switch (e.is) {
      case event::type::created: break;
      case event::type::woken: s.goroutines[e.who] = mix(s.goroutines[e.who] ^ mix(s.goroutines[e.from])); break;
      case event::type::choice: s.goroutines[last] = mix(s.goroutines[last] ^ (e.value + 1)); break;
      case event::type::step: {
        last = e.who;
        if (e.how == hooks::touch::nothing) break;
        std::uint64_t& g = s.goroutines[e.who];
        std::uint64_t step = mix(g ^ static_cast<std::uint64_t>(e.what));
        history* h = &s.objects.of(e.object);
        step = mix(step ^ seen(*h, e.how));
        for (std::uint32_t k = 0; k < e.more_count; ++k) step = mix(step ^ seen(s.objects.of(t.objects[e.more_at + k]), e.how));
        touch_object(s.objects.of(e.object), e.how, step);
        for (std::uint32_t k = 0; k < e.more_count; ++k) touch_object(s.objects.of(t.objects[e.more_at + k]), e.how, step);
        g = step;
        sum += mix(step);
        break;
      }
    }
  }
  return sum;
}

}  // namespace ravel::detector::explore
