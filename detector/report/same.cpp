#include "detector/report/same.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "detector/report/names.hpp"
#include "detector/report/words.hpp"

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

std::string without_numbers(std::string text) {
  // Addresses whole, since their hexadecimal letters differ too.
  for (std::size_t at = text.find("0x"); at != std::string::npos; at = text.find("0x", at)) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789abcdef", at + 2), text.size());
    text.erase(at, end - at);
  }
  std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
  return text;
}

// FNV-1a: the same on every machine and in every version, which std::hash is not.
std::string fingerprint_of_words(const std::string& text) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  char out[17];
  std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(h));
  return out;
}

std::string fingerprint_of(const std::string& headline, const std::vector<stack>& stacks) {
  std::vector<std::string> places;
  for (const stack& s : stacks) {
    const frame* own = own_frame(s);
    if (own == nullptr) continue;
    const std::string& file = own->line != 0 || own->module.empty() ? own->file : own->module;
    places.push_back(own->function + "|" + file.substr(file.rfind('/') + 1));
  }
  std::sort(places.begin(), places.end());
  std::string text = without_numbers(headline);
  for (const std::string& p : places) text += "\n" + p;
  return fingerprint_of_words(text);
}

std::string fingerprint_of(const finding& f) {
  std::vector<stack> stacks;
  if (f.kind == finding_kind::race) stacks = {f.data_race.current.at, f.data_race.previous.at};
  for (const party& p : f.wrong.parties) stacks.push_back(p.at);
  return fingerprint_of(headline_of(f), stacks);
}

}  // namespace ravel::detector::report
