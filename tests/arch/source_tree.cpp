#include "tests/arch/source_tree.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace ravel::test {

namespace fs = std::filesystem;

std::vector<std::string> source_files(const fs::path& root) {
  std::vector<std::string> files;
  for (const char* top : {"runtime", "instrument", "detector", "tools"}) {
    if (!fs::exists(root / top)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension();
      const bool is_code = extension == ".hpp" || extension == ".cpp" || extension == ".h" || extension == ".c" || extension == ".def";
      if (entry.is_regular_file() && is_code) files.push_back(entry.path().lexically_relative(root));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file.string() + ": cannot be read");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace ravel::test
