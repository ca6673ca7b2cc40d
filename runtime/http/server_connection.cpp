#include "runtime/http/server_connection.hpp"

#include <algorithm>
#include <mutex>

#include "runtime/http/characters.hpp"
#include "runtime/http/url.hpp"
#include "runtime/include/ravel/detail/goexit.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace http::detail {

struct request_access {
  static void clear(request& r) noexcept {
    r.query.raw_.clear();
    r.path_values_.clear();
    r.pattern.clear();
    r.body = {};
  }
  static void set_query(request& r, std::string_view raw) { r.query.raw_.assign(raw); }
  static void set_source(request& r, context_source* s) noexcept { r.context_.set_source(s); }
};

}  // namespace http::detail
} }

namespace ravel::http_text {

using http::detail::request_access;
using http::equal_fold;

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr clock::time_point no_deadline{};
constexpr clock::time_point long_past{clock::duration(1)};

// As Go: so much of a body that the handler did not read is read for it, to use the connection again.
constexpr std::uint64_t most_skipped = 256 << 10;
// A close with unread input makes the kernel send a reset, which may overtake the answer: so long the client may take it first.
constexpr auto linger = milliseconds(500);
constexpr auto first_request_at_shutdown = seconds(5);

}  // namespace

server_connection::server_connection(net::conn c, core_ptr core, settings_ptr settings)
    : conn_(std::move(c)), core_(std::move(core)), settings_(std::move(settings)), input_(conn_), response_(conn_) {
  request_.remote_addr = conn_.remote_addr().to_string();
}

void server_connection::end() noexcept {
  stop_watch();  // a handler may have left by goexit
  std::error_code ignored;
  // A reader that is too slow would leave megabytes in the kernel for as long as it likes.
  if (response_.has_failed()) conn_.abort(ignored);
  else conn_.close(ignored);
  if (body_) body_->detach();
}

void server_connection::close_if_idle() noexcept {
  std::error_code ignored;
  state s = state::idle;
  if (state_.compare_exchange_strong(s, state::closed)) conn_.close(ignored);
  else if (s == state::fresh) conn_.set_read_deadline(began_ + first_request_at_shutdown, ignored);
}

void server_connection::close_now() noexcept {
  std::error_code ignored;
  state_.store(state::closed);
  conn_.close(ignored);
}

void server_connection::run() {
  while (await_request() && read_header() && take_request() && answer()) {}
  if (must_linger_ && state_.load() != state::closed) close_slowly();
}

bool server_connection::await_request() {
  state before = state_.load();
  if (before == state::closed) return false;
  std::error_code error;
  if (!input_.empty()) {  // sent before the answer to the one before
    began_ = clock::now();
    return true;
  }
  const bool first = before == state::fresh;
  if (!first) {
    input_.give_memory_back();
    response_.give_memory_back();
    if (!state_.compare_exchange_strong(before, state::idle)) return false;
    // Who shuts down sets `closing` before it looks at states: one that became idle too late for it sees that here, and closes itself.
    if (core_->closing) return false;
  }
  const clock::duration patience = first ? settings_->read_header_timeout : settings_->idle_timeout;
  if (patience.count() != 0 || read_deadline_set_) {
    read_deadline_set_ = patience.count() != 0;
    conn_.set_read_deadline(read_deadline_set_ ? (first ? began_ : clock::now()) + patience : no_deadline, error);
  }
  if (first && core_->closing) close_if_idle();  // who shut down may have been here before that deadline
  if (!input_.fill(error)) return false;
  before = first ? state::fresh : state::idle;
  if (!state_.compare_exchange_strong(before, state::active)) return false;
  if (!first) began_ = clock::now();
  return true;
}

bool server_connection::read_header() {
  parser_.begin();
  bool deadline_set = false;
  for (;;) {
    const std::size_t n = parser_.parse_header(input_.data(), header_);
    if (n > settings_->max_header_bytes || (n == 0 && input_.size() > settings_->max_header_bytes && parser_.trouble() == problem::none)) {
      refuse(431);
      return false;
    }
    if (n != 0) {
      input_.take(n);
      header_ended_ = deadline_set || began_ == accepted_ ? clock::now() : began_;  // the clock costs as much as the parser
      return true;
    }
    if (parser_.trouble() != problem::none) {
      refuse(parser_.trouble() == problem::version ? 505 : parser_.trouble() == problem::unsupported_coding ? 501 : 400);
      return false;
    }
    std::error_code error;
    if (!deadline_set) {
      deadline_set = true;
      read_deadline_set_ = settings_->read_header_timeout.count() != 0;
      conn_.set_read_deadline(read_deadline_set_ ? began_ + settings_->read_header_timeout : no_deadline, error);
    }
    if (!input_.fill(error)) {
      if (!error) refuse(400);  // the end in the middle; as Go, nothing is said to who is too slow
      return false;
    }
  }
}

bool server_connection::take_request() {
  http::request& r = request_;
  r.method.swap(header_.start.method);
  r.target.swap(header_.start.target);
  r.version = header_.start.version;
  std::swap(r.headers, header_.fields);
  r.host.assign(r.headers.get("Host"));
  r.headers.erase("Host");
  request_access::clear(r);
  body_ = {};

  std::string_view target = r.target;
  bool good = is_target(target) && is_host(r.host) && (target != "*" || r.method == "OPTIONS");
  if (good && target != "*" && r.method != "CONNECT") {
    if (!target.starts_with('/')) {  // as to a proxy: the URL's host counts (RFC 9112, 3.2.2)
      const std::size_t host = target.find("://");
      good = host != target.npos && (equal_fold(target.substr(0, host), "http") || equal_fold(target.substr(0, host), "https"));
      if (good) {
        target.remove_prefix(host + 3);
        const std::size_t end = std::min(target.find_first_of("/?"), target.size());
        r.host.assign(target.substr(0, end));
        target.remove_prefix(end);
        good = !r.host.empty() && is_host(r.host);
      }
    }
    const std::size_t question = std::min(target.find('?'), target.size());
    const std::string_view path = target.substr(0, question);
    if (question < target.size()) request_access::set_query(r, target.substr(question + 1));
    if (path.find('%') == path.npos) {
      r.path.assign(path.empty() ? "/" : path);
    } else if (auto decoded = decode_path(path)) {
      r.path = std::move(*decoded);
    } else {
      good = false;
    }
  } else {
    r.path.assign(target == "*" ? target : std::string_view());
  }
  if (!good) {
    refuse(400);
    return false;
  }

  bool expects_continue = false;
  if (const std::string_view expected = r.headers.get("Expect"); !expected.empty()) {
    if (!equal_fold(expected, "100-continue")) {
      refuse(417);
      return false;
    }
    expects_continue = r.version >= 11 && header_.length != body_length::none;
  }
  response_.begin(r.method, r.version, header_.keep_alive, expects_continue);
  if (header_.length != body_length::none) {
    body_ = detail::counted_ptr(new incoming_body(input_, parser_, header_, *this));
    r.body = http::body(http::detail::source_ptr(body_));
  }
  return true;
}

bool server_connection::answer() {
  std::error_code error;
  if (settings_->write_timeout.count() != 0) conn_.set_write_deadline(header_ended_ + settings_->write_timeout, error);
  if (body_) {
    const bool limited = settings_->read_timeout.count() != 0;
    if (limited || read_deadline_set_) conn_.set_read_deadline(limited ? began_ + settings_->read_timeout : no_deadline, error);
    read_deadline_set_ = limited;
  }
  {
    const std::lock_guard hold(watch_lock_);
    handler_runs_ = true;
    body_open_ = static_cast<bool>(body_);
  }
  request_access::set_source(request_, this);
  const bool returned = call_handler();
  request_access::set_source(request_, nullptr);
  stop_watch();
  if (!returned || state_.load() == state::closed) return false;
  // A shutdown that has begun is for this answer to tell.
  if (core_->closing) response_.close_after();
  if (body_ && !body_->ended() && (body_->left() > most_skipped || response_.awaits_continue())) response_.close_after();
  response_.finish();
  read_deadline_set_ |= response_.read_deadline_is_the_handlers();
  const bool nothing_left = finish_body();
  if (!nothing_left) must_linger_ = !response_.has_failed();
  request_.body = {};
  return nothing_left && response_.keeps_alive();
}

bool server_connection::call_handler() {
  try {
    if (request_.target == "*") response_.header("Content-Length", "0");  // OPTIONS for the server itself, as Go's globalOptionsHandler
    else settings_->handler(response_, request_);
    return true;
  } catch (const http::abort_handler&) {
  } catch (const std::exception& e) {
    // A handler ends by the exception of a write that fails since the client is gone: nothing to tell.
    const bool client_gone = response_.has_failed() && dynamic_cast<const std::system_error*>(&e) != nullptr;
    if (!client_gone) settings_->log("http: panic serving " + request_.remote_addr + ": " + e.what());
  } catch (...) {
    if (detail::goexit_in_flight()) throw;
    settings_->log("http: panic serving " + request_.remote_addr + ": an exception that is no std::exception");
  }
  return false;
}

bool server_connection::finish_body() {
  if (!body_) return true;
  const auto rest = response_.keeps_alive() ? body_->skip(most_skipped) : body_->try_detach();
  if (rest == incoming_body::rest::busy) {
    std::error_code ignored;
    conn_.set_read_deadline(long_past, ignored);
    body_->detach();
  }
  return rest == incoming_body::rest::none;
}

void server_connection::refuse(int status) {
  std::string page = std::to_string(status) + " " + std::string(http::status_text(status));
  const std::string text = "HTTP/1.1 " + page + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: " +
                           std::to_string(page.size()) + "\r\n\r\n" + page;
  std::error_code error;
  const auto patience = settings_->write_timeout.count() != 0 ? settings_->write_timeout : clock::duration(seconds(5));
  conn_.set_write_deadline(clock::now() + patience, error);
  conn_.write(io::as_bytes(text), error);
  must_linger_ = !error;
}

void server_connection::close_slowly() {
  std::error_code error;
  conn_.close_write(error);
  if (error) return;
  conn_.set_read_deadline(clock::now() + linger, error);
  char scratch[4096];
  for (std::uint64_t taken = 0; !error && taken < 16 * most_skipped;) {
    const std::size_t n = conn_.read({reinterpret_cast<std::byte*>(scratch), sizeof scratch}, error);
    if (n == 0) return;
    taken += n;
  }
}

// --- the watch

context::context server_connection::context_of_request() {
  const std::lock_guard hold(watch_lock_);
  if (!context_) {
    context_.emplace(context::with_cancel(context::background()));
    if (!handler_runs_) context_->cancel();
    else start_watch_locked();
  }
  return context_->ctx;
}

void server_connection::body_ended(bool whole) noexcept {
  const std::lock_guard hold(watch_lock_);
  body_open_ = !whole;
  if (context_) start_watch_locked();
}

void server_connection::start_watch_locked() {
  if (!handler_runs_ || body_open_ || watching_ || watch_over_) return;
  watching_ = true;
  // The time to read a request is over with the request: it says nothing about how long the answer may take.
  std::error_code ignored;
  if (read_deadline_set_ && !response_.read_deadline_is_the_handlers()) conn_.set_read_deadline(no_deadline, ignored);
  go({.name = "http: watch of a client"}, [this] { watch(); });
}

void server_connection::watch() {
  std::error_code error;
  const bool more = input_.fill(error);
  const std::lock_guard hold(watch_lock_);
  watching_ = false;
  watch_over_ = true;
  if (!more && !stopping_watch_) context_->cancel();
  watch_ended_.broadcast();
}

void server_connection::stop_watch() {
  std::unique_lock hold(watch_lock_);
  handler_runs_ = false;
  if (watching_) {
    std::error_code ignored;
    stopping_watch_ = true;
    conn_.set_read_deadline(long_past, ignored);
    watch_ended_.wait([this] { return !watching_; });
    conn_.set_read_deadline(no_deadline, ignored);
    stopping_watch_ = false;
  }
  watch_over_ = false;
  const auto ended = std::exchange(context_, std::nullopt);
  hold.unlock();
  if (ended) ended->cancel();
}

}  // namespace ravel::http_text
