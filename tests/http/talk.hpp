#pragma once
// A server over a pipe in memory, and a client that speaks bytes.

#include <ravel/http.hpp>
#include <ravel/ravel.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace ravel::test {

class talk {
 public:
  explicit talk(http::server& s) {
    auto [ours, theirs] = net::pipe();
    conn_ = std::move(ours);
    go([&s, c = std::move(theirs), over = over_]() mutable {
      s.serve_connection(std::move(c));
      over.close();
    });
  }
  ~talk() { hang_up(); }

  // In a goroutine of its own: what the server does not read any more is lost.
  void send(std::string text) {
    go([c = conn_, text = std::move(text)]() mutable {
      std::error_code ignored;
      c.write(io::as_bytes(text), ignored);
    });
  }
  void send_and_end(std::string text) {
    go([c = conn_, text = std::move(text)]() mutable {
      std::error_code ignored;
      c.write(io::as_bytes(text), ignored);
      c.close_write(ignored);
    });
  }

  // Until `end` has come, or the connection is closed.
  std::string receive_until(std::string_view end) {
    std::string text;
    std::byte b[1];
    std::error_code error;
    while (!text.ends_with(end) && conn_.read(b, error) == 1) text += static_cast<char>(b[0]);
    return text;
  }
  std::string receive_all() {
    std::error_code error;
    return io::read_all(conn_, error);
  }
  // An answer with Content-Length.
  std::string receive_answer() {
    std::string text = receive_until("\r\n\r\n");
    const std::size_t at = text.find("Content-Length: ");
    if (at == text.npos) return text;
    std::string body(std::stoul(text.substr(at + 16)), '\0');
    std::error_code error;
    io::read_full(conn_, {reinterpret_cast<std::byte*>(body.data()), body.size()}, error);
    return text + body;
  }

  void hang_up() {
    std::error_code ignored;
    conn_.close(ignored);
  }
  void await_end() { over_.recv(); }  // of the server's side
  net::conn& conn() { return conn_; }

 private:
  net::conn conn_;
  chan<unit> over_ = make_chan<unit>();
};

inline std::string body_of(std::string_view answer) {
  const std::size_t at = answer.find("\r\n\r\n");
  return at == answer.npos ? "" : std::string(answer.substr(at + 4));
}

// The text of an answer to bytes after which the client sends nothing more; without its Date.
inline std::string answer_to(http::server& s, std::string request) {
  talk t(s);
  t.send_and_end(std::move(request));
  std::string text = t.receive_all();
  for (std::size_t at; (at = text.find("Date: ")) != text.npos;) text.erase(at, text.find("\r\n", at) + 2 - at);
  return text;
}

}  // namespace ravel::test
