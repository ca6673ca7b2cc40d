#pragma once
// `// ravel: vet-ignore(check, check) reason` on the line of a finding, or alone on the line before it.

#include <llvm/ADT/StringRef.h>

namespace ravel::vet {

enum class ignored : unsigned char {
  no,
  yes,
  without_reason,  // does not count
};

// `text`: the whole file; `offset`: where the finding is.
ignored asked_to_ignore(llvm::StringRef text, unsigned offset, llvm::StringRef check);

}  // namespace ravel::vet
