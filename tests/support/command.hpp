#pragma once
// Tests of whole processes: a shell command, its status and what it wrote.

#include <filesystem>
#include <string>

namespace ravel::test {

struct outcome {
  int status;       // exit status, or 128 + the signal
  std::string out;
  std::string err;
};

// A new folder under the test's own, removed at the end of the scope.
class scratch_folder {
 public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  std::filesystem::path path() const { return path_; }
  void write(const std::string& file, const std::string& text) const;
  std::string read(const std::string& file) const;

  // `sh -c command` in this folder, ended after two minutes.
  outcome run(const std::string& command) const;

 private:
  std::filesystem::path path_;
};

std::size_t count_lines(const std::string& text);

}  // namespace ravel::test
