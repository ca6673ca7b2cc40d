#pragma once
// Requests that no server may take, with the answer each must get. Kinds after RFC 9112, section 11, and PortSwigger's request smuggling.

#include <string>
#include <string_view>
#include <vector>

namespace ravel::test {

struct malformed_request {
  const char* name;
  std::string text;
  int status;
};

inline std::vector<malformed_request> malformed_requests() {
  using namespace std::string_literals;
  const auto with = [](std::string_view fields, std::string_view body = {}) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
  };
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  return {
      {"two different lengths", with("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"), 400},
      {"the same length twice", with("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400},
      {"a list of lengths", with("Content-Length: 5, 5\r\n", "hello"), 400},
      {"a length with a sign", with("Content-Length: +5\r\n", "hello"), 400},
      {"a negative length", with("Content-Length: -5\r\n", "hello"), 400},
      {"a length in hexadecimal", with("Content-Length: 0x5\r\n", "hello"), 400},
      {"a length with a blank inside", with("Content-Length: 1 0\r\n", "0123456789"), 400},
      {"a length of 2 to the 64", with("Content-Length: 18446744073709551616\r\n"), 400},
      {"an empty length", with("Content-Length: \r\n"), 400},
      {"length, then chunks", with("Content-Length: 3\r\n" + chunked, "0\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n"), 400},
      {"chunks, then length", with(chunked + "Content-Length: 3\r\n", "0\r\n\r\n"), 400},
      {"chunked twice in a list", with("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501},
      {"chunked twice", with(chunked + chunked, "0\r\n\r\n"), 400},
      {"chunked before another coding", with("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 501},
      {"another coding", with("Transfer-Encoding: gzip\r\n"), 501},
      {"a coding that is nearly chunked", with("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501},
      {"chunked with a vertical tab", with("Transfer-Encoding: \x0B" "chunked\r\n", "0\r\n\r\n"), 400},
      {"an empty coding", with("Transfer-Encoding: \r\n", "0\r\n\r\n"), 501},
      {"chunks from HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a folded line", with("X: a\r\n b\r\n"), 400},
      {"a folded line with a tab", with("X: a\r\n\tb\r\n"), 400},
      {"a folded length", with("Content-Length:\r\n 5\r\n", "hello"), 400},
      {"a blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"a blank before the colon", with("Content-Length : 5\r\n", "hello"), 400},
      {"a tab before the colon", with("Content-Length\t: 5\r\n", "hello"), 400},
      {"a bare carriage return in a value", with("X: a\rContent-Length: 5\r\n"), 400},
      {"a bare carriage return at the end", with("X: a\r\r\n"), 400},
      {"a bare line feed ends a line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"a bare line feed ends the header", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
      {"a zero byte in a value", with("X: a\0b\r\n"s), 400},
      {"a zero byte in a name", with("X\0: b\r\n"s), 400},
      {"no colon", with("Content-Length\r\n"), 400},
      {"no name", with(": a\r\n"), 400},
      {"a bracket in a name", with("X[]: a\r\n"), 400},
      {"a letter beyond ASCII in a name", with("X\xE9: a\r\n"), 400},
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"a host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"a host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
      {"another version", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"the version of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"a version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"a blank after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a method that is no token", "G\"T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a blank at the beginning", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"an empty line at the beginning", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a target that is no path", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a target with half an escape", "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a star with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"bytes of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\r\n\r\n"s, 400},
      {"an unknown expectation", with("Expect: 200-ok\r\n"), 417},
      {"a header that ends early", "GET / HTTP/1.1\r\nHost: a\r\n", 400},
  };
}

// Bodies in chunks that must not come to their end. All are sent after a header with "Transfer-Encoding: chunked".
inline std::vector<malformed_request> malformed_chunks() {
  using namespace std::string_literals;
  return {
      {"no size", "\r\nhello\r\n0\r\n\r\n", 0},
      {"a size with 0x", "0x5\r\nhello\r\n0\r\n\r\n", 0},
      {"a negative size", "-5\r\nhello\r\n0\r\n\r\n", 0},
      {"a size with a plus", "+5\r\nhello\r\n0\r\n\r\n", 0},
      {"a blank before the size", " 5\r\nhello\r\n0\r\n\r\n", 0},
      {"a size of 17 digits", "10000000000000005\r\nhello\r\n0\r\n\r\n", 0},
      {"more than the size", "4\r\nhello\r\n0\r\n\r\n", 0},
      {"less than the size", "6\r\nhello\r\n0\r\n\r\n", 0},
      {"a bare line feed after the size", "5\nhello\r\n0\r\n\r\n", 0},
      {"a bare line feed after the data", "5\r\nhello\n0\r\n\r\n", 0},
      {"a bare carriage return after the size", "5\rhello\r\n0\r\n\r\n", 0},
      {"a bare carriage return in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n", 0},
      {"an extension without a name", "5;=x\r\nhello\r\n0\r\n\r\n", 0},
      {"a folded trailer", "5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n", 0},
      {"a trailer without a colon", "5\r\nhello\r\n0\r\nX\r\n\r\n", 0},
      {"a trailer with a zero byte", "5\r\nhello\r\n0\r\nX: \0\r\n\r\n"s, 0},
      {"an extension that does not end", "5;" + std::string(100'000, 'x'), 0},
      {"trailers that do not end", "0\r\nX: " + std::string(100'000, 'x'), 0},
      {"the end in the middle", "5\r\nhel", 0},
      {"no last chunk", "5\r\nhello\r\n", 0},
  };
}

}  // namespace ravel::test
