#include <functional>
#include <sstream>
#include <stdexcept>

#include "tests/arch/arrows.hpp"
#include "tests/arch/source_tree.hpp"

namespace ravel::test {

namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

bool holds(const std::string& folder, const std::string& path) {
  return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

// <llvm/IR/Function.h> is of <llvm>, <backtrace.h> of <backtrace.h>.
std::string library_of(const std::string& header) { return "<" + header.substr(0, header.find('/')) + ">"; }

}  // namespace

arrow_table::arrow_table(const std::filesystem::path& file) {
  std::string room;
  std::size_t number = 0;
  for (const std::string& line : lines_of(file)) {
    ++number;
    const auto wrong = [&](const std::string& why) { return std::runtime_error(file.string() + ":" + std::to_string(number) + ": " + why); };
    std::vector<std::string> words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    if (words[0] == "installed" || words[0] == "system") {
      (words[0] == "system" ? system_ : installed_).insert(words.begin() + 1, words.end());
    } else if (line.front() != ' ') {
      room = words[0];
      for (const std::string& path : words) {
        if (!room_of_path_.emplace(path, room).second) throw wrong(path + " has a room already");
      }
    } else if (words[0] == "->" && !room.empty() && !sees_.contains(room)) {
      sees_[room] = {words.begin() + 1, words.end()};
    } else {
      throw wrong("expected a room at the margin, or one row `  -> rooms it may see` under it");
    }
  }
  for (const auto& [path, of] : room_of_path_) {
    if (!sees_.contains(of)) throw std::runtime_error(file.string() + ": " + of + " has no row `  -> rooms it may see` under it");
  }
  for (const auto& [from, others] : sees_) {
    for (const std::string& other : others) {
      if (other.starts_with('<')) libraries_.insert(other);
      else if (other != "*" && !sees_.contains(other)) throw std::runtime_error(file.string() + ": " + from + " may see " + other + ", which is no room");
    }
  }
  refuse_circles();
}

void arrow_table::refuse_circles() const {
  std::set<std::string> finished;
  std::set<std::string> under_way;
  const std::function<void(const std::string&)> visit = [&](const std::string& room) {
    if (finished.contains(room)) return;
    if (!under_way.insert(room).second) throw std::runtime_error("the arrows form a circle through " + room);
    for (const std::string& other : sees_.at(room)) {
      if (other != "*" && !other.starts_with('<')) visit(other);
    }
    finished.insert(room);
  };
  for (const auto& [room, others] : sees_) visit(room);
}

std::string arrow_table::room_of(const std::string& path) const {
  for (std::string at = path;;) {
    if (const auto found = room_of_path_.find(at); found != room_of_path_.end()) return found->second;
    const std::size_t slash = at.rfind('/');
    if (slash == std::string::npos) return {};
    at.erase(slash);
  }
}

bool arrow_table::may_see(const std::string& room, const std::string& other) const {
  const std::set<std::string>& others = sees_.at(room);
  return room == other || others.contains(other) || others.contains("*");
}

bool arrow_table::is_installed(const std::string& path) const {
  for (const std::string& folder : installed_) {
    if (folder == path || holds(folder, path)) return true;
  }
  return false;
}

bool arrow_table::is_free(const std::string& header) const {
  if (libraries_.contains(library_of(header))) return false;
  const std::size_t slash = header.find('/');
  return slash == std::string::npos || system_.contains(header.substr(0, slash));
}

}  // namespace ravel::test
