#include "tests/support/command.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace ravel::test {

namespace fs = std::filesystem;

scratch_folder::scratch_folder() {
  std::string name = fs::temp_directory_path() / "ravel_test_XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error(name + ": cannot be made");
  path_ = name;
  fs::create_directory(path_ / ".output");
}

scratch_folder::~scratch_folder() { fs::remove_all(path_); }

void scratch_folder::write(const std::string& file, const std::string& text) const {
  fs::create_directories((path_ / file).parent_path());
  std::ofstream out(path_ / file);
  out << text;
  if (!out.flush()) throw std::runtime_error(file + ": cannot be written");
}

std::string scratch_folder::read(const std::string& file) const {
  std::ifstream in(path_ / file, std::ios::binary);
  if (!in) throw std::runtime_error(file + ": cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

outcome scratch_folder::run(const std::string& command) const {
  write(".output/command", command);
  const std::string folder = path_.string();
  const int status = std::system(("cd '" + folder + "' && timeout 120 sh .output/command >.output/out 2>.output/err").c_str());
  return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), read(".output/out"), read(".output/err")};
}

std::size_t count_lines(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

}  // namespace ravel::test
