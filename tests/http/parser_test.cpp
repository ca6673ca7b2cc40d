#include <gtest/gtest.h>

#include "malformed_requests.hpp"
#include "runtime/http/message_parser.hpp"

using namespace ravel;
using namespace ravel::http_text;

namespace {

constexpr std::string_view request_header = "POST /a%20b?c=d HTTP/1.1\r\nhost: a\r\nX-One: 1\r\nx-one:  2 \r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view chunks = "5\r\nhello\r\n6;name=\"v\"\r\n world\r\n0\r\nx-sum: 7\r\n\r\n";

// The bytes come `step` at a time, and leave at most `room` at a time; `rest`: what was not taken.
std::string read_chunks(message_parser& p, std::string_view in, std::size_t step, std::size_t room, std::string_view* rest = nullptr) {
  std::string out, buffer(room, '\0');
  std::size_t begin = 0, end = 0;
  while (!p.chunks_are_done() && p.trouble() == problem::none) {
    const auto made = p.parse_chunks(in.substr(begin, end - begin), {reinterpret_cast<std::byte*>(buffer.data()), room});
    begin += made.taken;
    out += buffer.substr(0, made.put);
    if (made.taken == 0 && made.put == 0) {
      if (end == in.size()) break;
      end = std::min(end + step, in.size());
    }
  }
  if (rest != nullptr) *rest = in.substr(begin);
  return out;
}

}  // namespace

TEST(http_parser, a_request_may_come_in_any_pieces) {
  message_parser p(message_parser::kind::request);
  for (std::size_t step = 1; step <= request_header.size(); ++step) {
    p.begin();
    message_header h;
    std::size_t n = 0;
    for (std::size_t have = step; n == 0 && have < request_header.size() + step; have += step) {
      n = p.parse_header(request_header.substr(0, have), h);
      ASSERT_EQ(p.trouble(), problem::none);
      if (have < request_header.size()) ASSERT_EQ(n, 0u);
    }
    ASSERT_EQ(n, request_header.size());
    EXPECT_EQ(h.start.method, "POST");
    EXPECT_EQ(h.start.target, "/a%20b?c=d");
    EXPECT_EQ(h.length, body_length::chunks);
    EXPECT_TRUE(h.keep_alive);
    EXPECT_EQ(h.fields.values("X-ONE"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_EQ(h.fields.begin()->name, "Host");
  }
}

TEST(http_parser, chunks_may_come_in_any_pieces_and_leave_what_follows) {
  for (std::size_t step = 1; step <= chunks.size(); ++step) {
    for (std::size_t room : {1, 2, 5, 7, 100}) {
      message_parser p(message_parser::kind::request);
      message_header h;
      ASSERT_EQ(p.parse_header(request_header, h), request_header.size());
      std::string_view rest;
      const std::string in = std::string(chunks) + "GET ";
      EXPECT_EQ(read_chunks(p, in, step, room, &rest), "hello world") << step << " " << room;
      EXPECT_TRUE(p.chunks_are_done());
      EXPECT_EQ(rest, "GET ");
      EXPECT_EQ(p.trailers().get("X-Sum"), "7");
      EXPECT_FALSE(h.fields.has("X-Sum"));
    }
  }
}

TEST(http_parser, refuses_malformed_headers_wherever_they_are_cut) {
  for (const auto& m : test::malformed_requests()) {
    if (m.status != 400 || std::string_view(m.name).find("target") != std::string_view::npos || std::string_view(m.name).find("host with") != std::string_view::npos ||
        std::string_view(m.name).find("star") != std::string_view::npos || std::string_view(m.name).find("early") != std::string_view::npos) {
      continue;  // for the server to judge
    }
    for (std::size_t step : {std::size_t{1}, m.text.size()}) {
      message_parser p(message_parser::kind::request);
      message_header h;
      for (std::size_t have = step; have < m.text.size() + step && p.trouble() == problem::none; have += step) {
        EXPECT_EQ(p.parse_header(std::string_view(m.text).substr(0, have), h), 0u) << m.name;
      }
      EXPECT_EQ(p.trouble(), problem::malformed) << m.name;
    }
  }
}

TEST(http_parser, malformed_chunks_come_to_no_end) {
  for (const auto& m : test::malformed_chunks()) {
    for (std::size_t step : {std::size_t{1}, m.text.size()}) {
      message_parser p(message_parser::kind::request);
      message_header h;
      ASSERT_EQ(p.parse_header(request_header, h), request_header.size());
      read_chunks(p, m.text, step, 1000);
      EXPECT_FALSE(p.trouble() == problem::none && p.chunks_are_done()) << m.name << ", " << step << " at a time";
    }
  }
}

TEST(http_parser, the_length_of_an_answer_depends_on_the_question) {
  const auto length = [](std::string_view text, bool head) {
    message_parser p(message_parser::kind::response);
    p.begin(head);
    message_header h;
    EXPECT_EQ(p.parse_header(text, h), text.size());
    return h.length;
  };
  EXPECT_EQ(length("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false), body_length::counted);
  EXPECT_EQ(length("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true), body_length::none);
  EXPECT_EQ(length("HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", false), body_length::none);
  EXPECT_EQ(length("HTTP/1.1 204 No Content\r\n\r\n", false), body_length::none);
  EXPECT_EQ(length("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false), body_length::chunks);
  EXPECT_EQ(length("HTTP/1.0 200 OK\r\n\r\n", false), body_length::until_end);
}
