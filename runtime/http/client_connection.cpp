#include "runtime/http/client_connection.hpp"

#include <algorithm>
#include <charconv>
#include <mutex>

#include "runtime/include/ravel/defer.hpp"
#include "runtime/include/ravel/race.hpp"
#include "runtime/include/ravel/sync.hpp"

namespace ravel::http_text {

namespace {

constexpr clock::time_point no_deadline{};
constexpr std::int64_t sent_with_header = 64 << 10;  // a body up to this is sent before the answer is awaited
constexpr int most_informational = 5;                // as Go: answers 1xx before the real one

}  // namespace

// Writes a body in a goroutine of its own.
struct client_connection::body_writer {
  http::body body;
  http::headers trailers;
  std::int64_t size;                    // -1: in chunks
  clock::duration header_timeout;       // for the answer's header, once all is written; zero: none
  std::atomic<bool> finished{false};    // all of it is written
  std::atomic<bool> failed{false};
  std::error_code error;                // before `failed`
  bool reading = false;                 // the body; else the connection is written

  mutex lock;                           // guards what follows
  cond over{lock};
  bool header_came = false;
  bool stopped = false;                 // the body is not the writer's to read any more
  bool in_reader = false;

  // Between the two the body is being read; begin is false when it must not be any more.
  bool begin_read() {
    const std::lock_guard hold(lock);
    reading = true;
    return in_reader = !stopped;
  }
  void end_read() {
    const std::lock_guard hold(lock);
    in_reader = false;
    over.broadcast();
  }
  void stop() {
    std::unique_lock hold(lock);
    stopped = true;
    over.wait([this] { return !in_reader; });
  }
  // As in Go the time for the answer's header begins when the request is written; of an answer that has come before there is none.
  void await_header(net::conn& c) {
    const std::lock_guard hold(lock);
    std::error_code ignored;
    if (!header_came && header_timeout.count() != 0) c.set_read_deadline(detail::later(clock::now(), header_timeout), ignored);
  }
  void header_has_come(net::conn& c) {
    const std::lock_guard hold(lock);
    std::error_code ignored;
    header_came = true;
    if (header_timeout.count() != 0) c.set_read_deadline(no_deadline, ignored);
  }

  std::size_t read_body(io::bytes to, std::error_code& e) {
    if (!begin_read()) {
      e = http::errc::body_closed;
      return 0;
    }
    struct end {
      body_writer* w;
      ~end() { w->end_read(); }
    } at_the_end{this};
    return body.read(to, e);
  }

  std::error_code write_to(net::conn& c) {
    std::error_code e;
    std::string buffer(16 << 10, '\0');
    std::uint64_t written = 0;
    for (;;) {
      constexpr std::size_t room_for_size = 10;  // of a chunk, in front of it
      const std::size_t n = read_body({reinterpret_cast<std::byte*>(buffer.data()) + room_for_size, buffer.size() - room_for_size - 2}, e);
      if (e || n == 0) break;
      written += n;
      if (size >= 0 && written > static_cast<std::uint64_t>(size)) return http::errc::content_length;
      reading = false;
      std::size_t begin = room_for_size, end = room_for_size + n;
      if (size < 0) {
        char digits[room_for_size];
        const std::size_t length = static_cast<std::size_t>(std::to_chars(digits, digits + 8, n, 16).ptr - digits);
        digits[length] = '\r', digits[length + 1] = '\n';
        begin -= length + 2;
        std::copy_n(digits, length + 2, buffer.data() + begin);
        buffer[end] = '\r', buffer[end + 1] = '\n';
        end += 2;
      }
      c.write(io::as_bytes(std::string_view(buffer).substr(begin, end - begin)), e);
      if (e) break;
    }
    if (e) return e;
    if (size >= 0) return written == static_cast<std::uint64_t>(size) ? std::error_code() : make_error_code(io::errc::unexpected_end);
    reading = false;
    std::string last = "0\r\n";
    for (const auto& [name, value] : trailers) last += name + ": " + value + "\r\n";
    c.write(io::as_bytes(last + "\r\n"), e);
    return e;
  }

  // The connection lives until this has ended.
  void run(net::conn& c) {
    std::error_code e;
    try {
      e = write_to(c);
    } catch (const std::system_error& of_reader) {
      e = of_reader.code();
    }
    await_header(c);
    if (!e) {
      race::release_merge(this);
      finished = true;
      return;
    }
    error = e;
    failed = true;
    // A server may refuse what it has not read, and its answer is worth more than this error; but when the body cannot be read, no more comes.
    if (reading) c.close(e);
  }
};

client_connection::client_connection(net::conn c, std::string host, std::weak_ptr<connection_pool> pool)
    : conn_(std::move(c)), host_(std::move(host)), pool_(std::move(pool)), input_(conn_) {}

client_connection::~client_connection() {
  race::acquire(this);
  take_back_close();
  close();
}

void client_connection::close_with(const context::context& ctx) {
  if (!ctx.done()) return;
  stop_.emplace(context::after_func(ctx, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->close();
  }));
}

bool client_connection::take_back_close() noexcept {
  const auto stop = std::exchange(stop_, std::nullopt);
  return !stop || (*stop)();
}

void client_connection::close() noexcept {
  if (closed_.exchange(true)) return;
  std::error_code ignored;
  conn_.close(ignored);
  if (const auto p = pool_.lock()) p->lost(*this);
}

bool client_connection::is_usable() { return !closed_ && input_.empty() && !conn_.is_readable(); }

bool client_connection::send(http::request& r, std::string_view header, const exchange_limits& limits, std::error_code& error) {
  std::string head(header);
  const std::int64_t size = r.trailers.empty() ? r.body.size() : -1;
  if (size == 0) {
    conn_.write(io::as_bytes(head), error);
    return true;
  }
  if (http::equal_fold(r.headers.get("Expect"), "100-continue")) {
    conn_.write(io::as_bytes(head), error);
    if (error) return true;
    head.clear();
    conn_.set_read_deadline(detail::later(clock::now(), limits.expect_continue_timeout), error);
    bool answered = false;
    int others = 0;  // 102 and 103 may come before
    do answered = read_header(limits, r.method == "HEAD", error);
    while (answered && header_.start.status > 101 && header_.start.status < 200 && ++others <= most_informational);
    std::error_code ignored;
    conn_.set_read_deadline(no_deadline, ignored);
    if (answered && header_.start.status != 100) {
      close_after_ = true;  // the server may still take what follows for the body
      return false;
    }
    if (error == std::errc::timed_out) error.clear();
    if (error) return true;
  }
  if (!head.empty() && size > 0 && size <= sent_with_header) {
    if (const http::detail::source_ptr text = r.body.source()->again()) {  // in memory
      const std::size_t begin = head.size();
      head.resize(begin + static_cast<std::size_t>(size));
      io::read_full(*text, {reinterpret_cast<std::byte*>(head.data()) + begin, static_cast<std::size_t>(size)}, error);
      if (!error) conn_.write(io::as_bytes(head), error);
      return true;
    }
  }
  if (!head.empty()) conn_.write(io::as_bytes(head), error);
  if (error) return true;
  const auto w = std::make_shared<body_writer>();
  w->body = r.body;
  w->trailers = r.trailers;
  w->size = size;
  w->header_timeout = limits.response_header_timeout;
  writer_ = w;
  go({.name = "http: body of a request"}, [self = shared_from_this(), w] { w->run(self->conn_); });
  return true;
}

// False: an error, or nothing within the deadline.
bool client_connection::read_header(const exchange_limits& limits, bool answers_head, std::error_code& error) {
  parser_.begin(answers_head);
  for (;;) {
    const std::size_t n = parser_.parse_header(input_.data(), header_);
    if (n != 0) {
      input_.take(n);
      return true;
    }
    if (parser_.trouble() != problem::none) error = http::errc::malformed;
    else if (input_.size() > limits.max_response_header_bytes) error = http::errc::header_too_large;
    if (error) return false;
    if (!input_.fill(error)) {
      if (!error) error = got_bytes_ ? make_error_code(io::errc::unexpected_end) : make_error_code(http::errc::connection_closed);
      return false;
    }
    got_bytes_ = true;
  }
}

http::response client_connection::exchange(http::request& r, std::string_view header, const exchange_limits& limits, std::error_code& error) {
  RAVEL_DEFER { race::release_merge(this); };
  http::response answer;
  const bool answers_head = r.method == "HEAD";
  close_after_ = r.close;
  got_bytes_ = false;
  writer_.reset();
  error.clear();
  const bool sent = send(r, header, limits, error);
  const std::error_code send_error = std::exchange(error, {});  // the server may have closed after saying why: its answer is awaited
  if (!error && !writer_ && limits.response_header_timeout.count() != 0) conn_.set_read_deadline(detail::later(clock::now(), limits.response_header_timeout), error);
  bool have_header = !sent;
  for (int informational = 0; !error && (!have_header || (header_.start.status < 200 && header_.start.status != 101)); ++informational) {
    if (informational > most_informational) error = http::errc::malformed;
    else have_header = read_header(limits, answers_head, error);
  }
  if (error) {
    if (send_error && !got_bytes_) error = send_error;
    else if (writer_ && writer_->failed) error = writer_->error;
    take_back_close();
    close();
    give_body_back();
    return answer;
  }
  std::error_code ignored;
  if (writer_) writer_->header_has_come(conn_);
  else if (limits.response_header_timeout.count() != 0) conn_.set_read_deadline(no_deadline, ignored);
  if (send_error || !header_.keep_alive || header_.start.status == 101) close_after_ = true;
  answer.status = header_.start.status;
  answer.reason = std::move(header_.start.reason);
  answer.version = header_.start.version;
  answer.headers = std::move(header_.fields);
  if (header_.length == body_length::none) {
    give_back();
    return answer;
  }
  answer.body = http::body(http::detail::source_ptr(new incoming_body(input_, parser_, header_, *this, shared_from_this())));
  return answer;
}

void client_connection::body_ended(bool whole) noexcept {
  race::release_merge(this);
  if (whole) return give_back();
  take_back_close();
  close();
  give_body_back();
}

// A reader that was lent is its owner's again when the answer has ended: the writer is out of it, or it is awaited.
void client_connection::give_body_back() noexcept {
  if (writer_ && writer_->body.source()->is_lent()) writer_->stop();
}

void client_connection::give_back() noexcept {
  give_body_back();
  if (!take_back_close()) return close();
  const bool written = !writer_ || writer_->finished;
  if (writer_) race::acquire(writer_.get());
  const auto p = pool_.lock();
  if (close_after_ || !written || closed_ || !input_.empty() || !p) return close();
  input_.give_memory_back();
  p->put(shared_from_this());
}

}  // namespace ravel::http_text
