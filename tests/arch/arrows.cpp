#include "tests/arch/arrows.hpp"

#include <regex>

#include "tests/arch/source_tree.hpp"

namespace ravel::test {

namespace fs = std::filesystem;

namespace {

struct include_line {
  std::size_t number;
  bool angled;
  std::string what;
};

std::vector<include_line> includes_of(const fs::path& file) {
  static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
  std::vector<include_line> found;
  std::size_t number = 0;
  for (const std::string& line : lines_of(file)) {
    ++number;
    if (std::smatch m; std::regex_match(line, m, pattern)) found.push_back({number, m[1] == "<", m[2]});
  }
  return found;
}

// The path of an included file of the project, relative to the root, or "". CMake makes X from X.in.
std::string resolve(const fs::path& root, const std::string& from, const std::string& what) {
  for (const fs::path& candidate : {fs::path(from).parent_path() / what, fs::path(what), fs::path("runtime/include") / what,
                                    fs::path("detector/include") / what}) {
    const std::string path = candidate.lexically_normal();
    if (fs::is_regular_file(root / path) || fs::is_regular_file(root / (path + ".in"))) return path;
  }
  return {};
}

}  // namespace

std::vector<std::string> broken_arrows(const fs::path& root, const arrow_table& table) {
  std::vector<std::string> broken;
  for (const std::string& file : source_files(root)) {
    const std::string room = table.room_of(file);
    if (room.empty()) {
      broken.push_back(file + ":1: lies in no room: say in tests/arch/arrows.txt what room it is of and whom that may see");
      continue;
    }
    for (const include_line& i : includes_of(root / file)) {
      const std::string where = file + ":" + std::to_string(i.number) + ": includes " + i.what + ", ";
      const std::string path = resolve(root, file, i.what);
      if (path.empty() && i.angled && table.is_free(i.what)) continue;
      std::string other = table.room_of(path);
      if (path.empty() && i.angled) other = "<" + i.what.substr(0, i.what.find('/')) + ">";
      if (other.empty()) {
        broken.push_back(where + "which is in no room (see tests/arch/arrows.txt)");
      } else if (!table.may_see(room, other)) {
        broken.push_back(where + "but room " + room + " may not see room " + other + " (see tests/arch/arrows.txt)");
      } else if (table.is_installed(file) && !table.is_installed(path.empty() ? other : path)) {
        broken.push_back(where + "but " + file + " is installed and that is not (see tests/arch/arrows.txt)");
      }
    }
  }
  return broken;
}

}  // namespace ravel::test
