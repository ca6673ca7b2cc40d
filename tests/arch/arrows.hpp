#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace ravel::test {

// The table of arrows.txt: rooms, the paths that belong to each, and whom each may see.
class arrow_table {
 public:
  explicit arrow_table(const std::filesystem::path& file);  // std::runtime_error that names the line when the table is wrong

  std::string room_of(const std::string& path) const;  // of the longest path in the table that holds it; "" when there is none
  bool may_see(const std::string& room, const std::string& other) const;
  bool is_installed(const std::string& path) const;
  bool is_free(const std::string& header) const;  // a header of the system, included in angle brackets

 private:
  void refuse_circles() const;

  std::map<std::string, std::string> room_of_path_;
  std::map<std::string, std::set<std::string>> sees_;
  std::set<std::string> libraries_;
  std::set<std::string> system_;
  std::set<std::string> installed_;
};

// One line for each include without an arrow: "file:line: includes X, but room A may not see room B (see tests/arch/arrows.txt)".
std::vector<std::string> broken_arrows(const std::filesystem::path& root, const arrow_table& table);

}  // namespace ravel::test
