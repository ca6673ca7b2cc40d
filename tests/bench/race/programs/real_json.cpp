// A real library: nlohmann/json reads a document of 1 MB, and writes it again, in four goroutines that share one text.
#include <nlohmann/json.hpp>

#include <string>

#include "concurrent.hpp"

namespace {

constexpr int workers = 4, rounds = 2;

std::string make_document() {
  xorshift random(3);
  std::string text = "[";
  for (int i = 0; i < 6000; ++i) {
    if (i != 0) text += ',';
    text += R"({"id":)" + std::to_string(i) + R"(,"name":"name of )" + std::to_string(random.next() % 100000) + R"(","tags":["a\n","b","c d e"],"at":{"x":)" +
            std::to_string(random.next() % 1000) + R"(,"y":)" + std::to_string(random.next() % 1000) + R"(.5},"on":true,"none":null})";
  }
  return text + "]";
}

std::uint64_t sum_of(const nlohmann::json& v) {
  if (v.is_number_integer()) return v.get<std::uint64_t>();
  if (v.is_string()) return v.get_ref<const std::string&>().size();
  std::uint64_t sum = 0;
  if (v.is_structured()) {
    for (const auto& part : v) sum += sum_of(part);
  }
  return sum;
}

}  // namespace

int main() {
  const std::string text = make_document();
  std::uint64_t sums[workers] = {};
  conc::wait_group all;
  for (int w = 0; w < workers; ++w) {
    all.go([&, w] {
      for (int round = 0; round < rounds; ++round) sums[w] += sum_of(nlohmann::json::parse(nlohmann::json::parse(text).dump()));
    });
  }
  all.wait();
  std::uint64_t sum = 0;
  for (auto s : sums) sum += s;
  return print_checksum(sum);
}
