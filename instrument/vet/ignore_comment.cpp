#include "instrument/vet/ignore_comment.hpp"

#include <llvm/ADT/SmallVector.h>

#include <algorithm>

namespace ravel::vet {

namespace {

ignored in_line(llvm::StringRef line, llvm::StringRef check) {
  constexpr llvm::StringRef word = "ravel: vet-ignore(";
  const std::size_t comment = line.find("//");
  if (comment == llvm::StringRef::npos) return ignored::no;
  const std::size_t at = line.find(word, comment);
  if (at == llvm::StringRef::npos) return ignored::no;
  const auto [list, reason] = line.drop_front(at + word.size()).split(')');
  llvm::SmallVector<llvm::StringRef, 4> names;
  list.split(names, ',');
  const bool named = std::any_of(names.begin(), names.end(), [&](llvm::StringRef n) { return n.trim() == check; });
  if (!named) return ignored::no;
  return reason.trim().empty() ? ignored::without_reason : ignored::yes;
}

}  // namespace

ignored asked_to_ignore(llvm::StringRef text, unsigned offset, llvm::StringRef check) {
  const std::size_t newline = text.rfind('\n', offset);
  const std::size_t begin = newline == llvm::StringRef::npos ? 0 : newline + 1;
  const ignored here = in_line(text.slice(begin, text.find('\n', offset)), check);
  if (here != ignored::no || begin == 0) return here;
  const std::size_t before = text.rfind('\n', begin - 1);
  const llvm::StringRef line = text.slice(before == llvm::StringRef::npos ? 0 : before + 1, begin - 1);
  return line.trim().starts_with("//") ? in_line(line, check) : ignored::no;
}

}  // namespace ravel::vet
