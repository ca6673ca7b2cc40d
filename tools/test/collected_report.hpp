#pragma once
// The findings of all processes of a `ravel test` in one file, for `ravel report`.
//
// Each process writes a file of its own beside it, ahead of what it does; these are joined in the order of the plan, whichever process ended
// first. Where `ravel test` itself is killed, what is not joined yet lies beside FILE as FILE.N.part.

#include <cstddef>
#include <string>
#include <vector>

namespace ravel::tools {

class collected_report {
 public:
  // Begun anew. Throws refused for a file that cannot be written, or whose name would not go through RAVEL_OPTIONS.
  collected_report(const std::string& file, const std::string& program);

  // The file for process n, which appends: what a `ravel test` that was killed left there is gone. Absolute, since tests may change their folder.
  std::string begin(std::size_t n) const;
  // Processes from `before` on do not count; a later call may say less, not more.
  void done(std::size_t n, std::size_t before);
  void finish();  // all have ended

 private:
  std::string part(std::size_t n) const;
  void join(std::size_t n);

  std::string path_;
  std::vector<bool> done_;
  std::size_t joined_ = 0;
};

}  // namespace ravel::tools
