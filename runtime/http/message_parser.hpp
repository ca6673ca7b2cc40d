#pragma once
// The grammar of HTTP/1 messages: the boundary to Boost.Beast's parser, which message_parser.cpp alone includes. Private to http/.
//
// Beast accepts some things that two parties can understand differently; they are refused here: folded lines (also among trailers), repeated
// lengths even when equal, a Transfer-Encoding that is not just "chunked" or comes from HTTP/1.0, and a bare line feed.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/include/ravel/detail/http_headers.hpp"
#include "runtime/include/ravel/io.hpp"

namespace ravel::http_text {

enum class problem : std::uint8_t { none, malformed, version, unsupported_coding, too_large };

struct start_line {
  std::string method, target;  // of a request
  int status = 0;              // of a response
  std::string reason;
  int version = 11;
};

enum class body_length : std::uint8_t { none, counted, chunks, until_end };

struct message_header {
  start_line start;
  http::headers fields;
  body_length length = body_length::none;
  std::uint64_t content_length = 0;  // of a counted body; with `has_length` also of one that is not sent (HEAD)
  bool has_length = false;
  bool keep_alive = true;
  bool upgrade = false;              // Connection: upgrade
};

class message_parser {
 public:
  enum class kind : std::uint8_t { request, response };

  explicit message_parser(kind k);
  ~message_parser();
  message_parser(const message_parser&) = delete;
  message_parser& operator=(const message_parser&) = delete;

  void begin(bool answers_head = false);  // the next message

  // The header at the beginning of `in`, with all that came so far. 0: not whole yet, or a problem; else its size, and `header` is filled.
  std::size_t parse_header(std::string_view in, message_header& header);

  // Of a body in chunks: takes from `in`, puts data to `to`.
  struct progress {
    std::size_t taken = 0, put = 0;
    bool needs_more = false;  // not a byte of `in` can be understood yet
  };
  progress parse_chunks(std::string_view in, io::bytes to);
  bool chunks_are_done() const noexcept;
  const http::headers& trailers() const noexcept;

  problem trouble() const noexcept { return trouble_; }

 private:
  struct grammar;

  const kind kind_;
  problem trouble_ = problem::none;
  std::size_t scanned_ = 0;  // of the header: no end of it before
  bool answers_head_ = false;
  std::unique_ptr<grammar> grammar_;
};

}  // namespace ravel::http_text
