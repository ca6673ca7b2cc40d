// A text of 8 MB made in memory; four goroutines count the words of a quarter each and add theirs to one map under a mutex.
#include <string>
#include <unordered_map>

#include "concurrent.hpp"

namespace {

constexpr int workers = 4;

std::string make_text(std::size_t bytes) {
  xorshift random(2);
  std::string text;
  text.reserve(bytes + 16);
  while (text.size() < bytes) {
    // Few words often, many seldom.
    const std::uint64_t a = random.next();
    std::uint64_t word = a % (random.next() % 5000 + 1);
    do {
      text += static_cast<char>('a' + word % 26);
      word /= 26;
    } while (word != 0);
    text += random.next() % 12 == 0 ? '\n' : ' ';
  }
  return text;
}

using counts = std::unordered_map<std::string, int>;

void count(const std::string& text, std::size_t first, std::size_t last, counts& into) {
  std::string word;
  for (std::size_t i = first; i < last; ++i) {
    const char c = text[i];
    if (c >= 'a' && c <= 'z') {
      word += c;
    } else if (!word.empty()) {
      ++into[word];
      word.clear();
    }
  }
  if (!word.empty()) ++into[word];
}

}  // namespace

int main() {
  const std::string text = make_text(8 << 20);
  counts total;
  conc::mutex lock;
  conc::wait_group all;
  std::size_t first = 0;
  for (int w = 1; w <= workers; ++w) {
    std::size_t last = text.size() * w / workers;
    while (last < text.size() && text[last] >= 'a') ++last;
    all.go([&, first, last] {
      counts mine;
      count(text, first, last, mine);
      const std::lock_guard hold(lock);
      for (const auto& [word, n] : mine) total[word] += n;
    });
    first = last;
  }
  all.wait();
  std::uint64_t sum = total.size();
  for (const auto& [word, n] : total) sum += static_cast<std::uint64_t>(n) * n * word.size();
  return print_checksum(sum);
}
