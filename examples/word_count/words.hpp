#pragma once
// What has nothing to do with goroutines: files, words, and the list that is printed at the end.

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fs = std::filesystem;
using word_counts = std::unordered_map<std::string, long>;

inline void add_file(std::vector<fs::path>& files, const fs::path& file) {
  if (!std::ifstream(file)) throw std::system_error(errno, std::generic_category(), file.string());
  files.push_back(file);
}

// The files that the arguments name, themselves or by their folders. Throws std::system_error when one cannot be read.
inline std::vector<fs::path> files_named_by(const std::vector<std::string>& arguments) {
  std::vector<fs::path> files;
  for (const std::string& argument : arguments) {
    if (!fs::is_directory(argument)) {
      add_file(files, argument);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(argument)) {
      if (entry.is_regular_file()) add_file(files, entry.path());
    }
  }
  return files;
}

inline std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A word is a run of the letters a to z, in upper or lower case. Returns how many there were.
inline long count_words(const std::string& text, word_counts& counts) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  long words = 0;
  for (auto start = text.begin(); (start = std::find_if(start, text.end(), is_letter)) != text.end(); ++words) {
    const auto end = std::find_if_not(start, text.end(), is_letter);
    std::string word(start, end);
    for (char& c : word) c |= 0x20;  // lower case
    ++counts[word];
    start = end;
  }
  return words;
}

inline void print_most_frequent(const word_counts& counts, std::size_t how_many) {
  std::vector<std::pair<std::string, long>> words(counts.begin(), counts.end());
  std::ranges::sort(words, [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
  if (words.size() > how_many) words.resize(how_many);
  for (const auto& [word, count] : words) std::cout << count << ' ' << word << '\n';
}
