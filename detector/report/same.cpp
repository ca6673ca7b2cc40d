#include "detector/report/same.hpp"

#include "detector/report/names.hpp"

namespace ravel::detector::report {

namespace {

// A line of the user's that calls into the library is one place, whichever of the library's lines raced: growing a vector is one race.
std::string place(const access& a) {
  const frame* own = own_frame(a.at);
  if (own == nullptr) return std::to_string(a.address);
  const frame& f = *own;
  return f.file + ":" + std::to_string(f.line) + ":" + std::to_string(f.column) + ":" + f.function + "+" + std::to_string(f.offset);
}

// The same pair of places either way round is one race to a reader.
std::string pair_key(const race& r) {
  std::string a = place(r.current), b = place(r.previous);
  if (b < a) std::swap(a, b);
  return a + "|" + b;
}

}  // namespace

// The same places of the same goroutines' operations are one misuse, whichever goroutines they were.
std::string key_of(const finding& f) {
  if (f.kind == finding_kind::race) return pair_key(f.data_race);
  std::string key = f.wrong.id.empty() ? f.wrong.title : f.wrong.id;
  for (const party& p : f.wrong.parties) {
    const frame* own = own_frame(p.at);
    key += own == nullptr ? "|" : "|" + own->file + ":" + std::to_string(own->line) + ":" + own->function;
  }
  return key;
}

}  // namespace ravel::detector::report
