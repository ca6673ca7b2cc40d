// Counts the words of text files in a pipeline: main names the files, readers read them, counters count the words of the texts, and main
// merges the counts.

#include <ravel/ravel.hpp>

#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "words.hpp"

namespace {

template <class T, class Stage>
ravel::recv_chan<T> start(int goroutines, Stage stage) {
  auto out = ravel::make_chan<T>();
  ravel::go([=] {
    ravel::wait_group running;
    for (int i = 0; i < goroutines; ++i) running.go([=] { stage(out); });
    running.wait();
    out.close();
  });
  return out;
}

void count_all(const std::vector<fs::path>& files) {
  auto names = start<fs::path>(1, [&files](auto out) {
    for (const fs::path& file : files) out << file;
  });
  auto texts = start<std::string>(2, [names](auto out) {
    for (const fs::path& file : names) out << text_of(file);
  });
  auto counts = start<word_counts>(3, [texts](auto out) {
    word_counts mine;
    for (const std::string& text : texts) count_words(text, mine);
    out << std::move(mine);
  });

  long total = 0;
  word_counts merged;
  for (const word_counts& part : counts) {
    for (const auto& [word, count] : part) {
      merged[word] += count;
      total += count;
    }
  }
  print_most_frequent(merged, 10);
  std::cout << total << " words in " << files.size() << " files\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) arguments = {"/usr/share/common-licenses"};
  try {
    count_all(files_named_by(arguments));
  } catch (const std::system_error& e) {
    std::cerr << "word_count: " << e.what() << "; name text files, or folders of them\n";
    return 2;
  }
}
