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
  long total = 0;
  auto names = start<fs::path>(1, [&files](auto out) {
    for (const fs::path& file : files) out << file;
  });
  auto texts = start<std::string>(2, [names](auto out) {
    for (const fs::path& file : names) out << text_of(file);
  });
  auto counts = start<word_counts>(3, [texts, &total](auto out) {
    word_counts mine;
    long words = 0;
    for (const std::string& text : texts) words += count_words(text, mine);
    // The counts travel through the channel, but "just a number" goes past it.
    total += words;  // races
    out << std::move(mine);
  });

  word_counts merged;
  for (const word_counts& part : counts) {
    for (const auto& [word, count] : part) merged[word] += count;
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
