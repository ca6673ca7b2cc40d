#include "tools/vet/apply_fixes.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>

namespace ravel::tools::vet {

using ravel::vet::finding;
using ravel::vet::replacement;

namespace {

using in_file = std::map<unsigned, replacement>;  // by offset

bool overlaps(const in_file& planned, const replacement& r) {
  for (const auto& [offset, p] : planned) {
    if (r.offset < offset + std::max(p.length, 1U) && offset < r.offset + std::max(r.length, 1U)) return true;
  }
  return false;
}

void rewrite(const std::string& file, const in_file& planned) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::system_error(errno, std::generic_category(), file);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  for (auto r = planned.rbegin(); r != planned.rend(); ++r) text.replace(r->first, r->second.length, r->second.text);
  std::ofstream out(file, std::ios::binary);
  if (!(out << text) || !out.flush()) throw std::system_error(errno, std::generic_category(), file);
}

}  // namespace

unsigned apply_fixes(std::span<const finding> findings) {
  std::map<std::string, in_file> planned;
  unsigned mended = 0;
  for (const finding& f : findings) {
    bool possible = !f.fixes.empty();
    for (const replacement& r : f.fixes) possible = possible && !overlaps(planned[r.file], r);
    if (!possible) continue;
    ++mended;
    for (const replacement& r : f.fixes) planned[r.file].emplace(r.offset, r);
  }
  for (const auto& [file, replacements] : planned) {
    if (!replacements.empty()) rewrite(file, replacements);
  }
  return mended;
}

}  // namespace ravel::tools::vet
