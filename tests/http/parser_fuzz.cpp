// libFuzzer on the boundary to the parser: the same bytes whole and one at a time must give the same requests, bodies and troubles.
// ./fuzz builds and runs it; corpus_test.cpp runs it once over the corpus.
#include <cstdlib>
#include <string>

#include "runtime/http/message_parser.hpp"

using namespace ravel;
using namespace ravel::http_text;

namespace {

std::string told(std::string_view in, std::size_t step) {
  std::string out;
  message_parser p(message_parser::kind::request);
  message_header h;
  std::size_t begin = 0, end = 0;
  for (int messages = 0; messages < 8; ++messages) {
    p.begin();
    std::size_t n = 0;
    while ((n = p.parse_header(in.substr(begin, end - begin), h)) == 0 && p.trouble() == problem::none) {
      if (end == in.size()) return out + "more";
      end = std::min(end + step, in.size());
    }
    if (p.trouble() != problem::none) return out + "trouble";
    begin += n;
    out += h.start.method + " " + h.start.target + " " + std::to_string(static_cast<int>(h.length)) + " " + std::to_string(h.content_length) + "\n";
    for (const auto& [name, value] : h.fields) out += name + "=" + value + "\n";
    if (h.length == body_length::counted) {
      if (h.content_length > in.size() - begin) return out + "more";
      begin += static_cast<std::size_t>(h.content_length);
      end = std::max(begin, end);
      continue;
    }
    if (h.length != body_length::chunks) continue;
    std::byte buffer[64];
    while (!p.chunks_are_done()) {
      const auto made = p.parse_chunks(in.substr(begin, end - begin), buffer);
      if (p.trouble() != problem::none) return out + "trouble";
      begin += made.taken;
      out.append(reinterpret_cast<const char*>(buffer), made.put);
      if (made.taken != 0 || made.put != 0 || p.chunks_are_done()) continue;
      if (end == in.size()) return out + "more";
      end = std::min(end + step, in.size());
    }
  }
  return out;
}

// What was understood before the trouble may differ by what had not come yet when it was seen.
bool agree(std::string a, std::string b) {
  const bool trouble = a.ends_with("trouble") && b.ends_with("trouble");
  return a == b || trouble;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view in(reinterpret_cast<const char*>(data), size);
  if (!agree(told(in, size + 1), told(in, 1))) std::abort();
  return 0;
}
