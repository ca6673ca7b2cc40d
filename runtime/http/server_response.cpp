#include "runtime/http/server_response.hpp"

#include <charconv>
#include <mutex>

#include "runtime/http/characters.hpp"
#include "runtime/io/throwing.hpp"

namespace ravel::http_text {

namespace {

template <class Number>
std::string_view in_digits(char (&buffer)[24], Number n, int base = 10) {
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, n, base).ptr;
  return {buffer, static_cast<std::size_t>(end - buffer)};
}

void put_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const std::size_t at = out.size();
  out.append(value);
  // Whatever a handler puts into a value, it stays one field (Go: headerNewlineToSpace).
  for (std::size_t i = at; i < out.size(); ++i) {
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
  }
  out.append("\r\n");
}

}  // namespace

void server_response::begin(std::string_view method, int version, bool keep_alive, bool expects_continue) {
  headers_.clear();
  head_.clear();
  held_.clear();
  trailer_names_.clear();
  status_ = 0;
  version_ = version;
  is_head_ = method == "HEAD";
  keep_alive_ = keep_alive;
  expects_continue_ = expects_continue;
  sent_header_ = read_deadline_set_ = has_type_ = has_date_ = has_coding_ = false;
  framing_ = framing::nothing;
  declared_ = -1;
  written_ = 0;
  failed_.clear();
}

void server_response::send_continue(std::error_code& error) {
  const std::lock_guard alone(continue_lock_);
  if (!expects_continue_ || sent_header_) return;
  expects_continue_ = false;
  conn_.write(io::as_bytes("HTTP/1.1 100 Continue\r\n\r\n"), error);
}

void server_response::write_header(int status) {
  if (status < 100 || status > 999) throw panic_error("invalid WriteHeader code " + std::to_string(status));
  if (status_ != 0) return;  // Go logs "superfluous response.WriteHeader call"
  if (status < 200 && status != 101) {
    status_ = status;
    put_fields();
    head_.append("\r\n");
    conn_.write(io::as_bytes(head_), failed_);
    head_.clear();
    status_ = 0;
    return;
  }
  status_ = status;
  put_fields();
}

void server_response::put_fields() {
  char digits[24];
  head_.append("HTTP/1.1 ").append(in_digits(digits, status_)).append(" ");
  const std::string_view text = http::status_text(status_);
  if (text.empty()) head_.append("status code ").append(in_digits(digits, status_));
  head_.append(text).append("\r\n");
  trailer_names_.clear();
  for (const auto& [name, value] : headers_) {
    if (!is_token(name) || name.starts_with("Trailer:")) continue;
    if (http::equal_fold(name, "Content-Length")) {
      std::int64_t n = -1;
      const auto [end, e] = std::from_chars(value.data(), value.data() + value.size(), n);
      if (e == std::errc() && end == value.data() + value.size() && n >= 0) declared_ = n;
      continue;
    }
    if (http::equal_fold(name, "Transfer-Encoding")) continue;  // how the body is sent is decided here
    if (http::equal_fold(name, "Connection")) {
      bool only_close = true;
      for_each_element(value, [&](std::string_view e) {
        if (http::equal_fold(e, "close")) keep_alive_ = false;
        else if (!http::equal_fold(e, "keep-alive")) only_close = false;
      });
      if (only_close) continue;
    }
    if (http::equal_fold(name, "Trailer")) {
      for_each_element(value, [&](std::string_view e) { trailer_names_.emplace_back(e); });
    }
    has_type_ |= http::equal_fold(name, "Content-Type");
    has_date_ |= http::equal_fold(name, "Date");
    has_coding_ |= http::equal_fold(name, "Content-Encoding");
    put_field(head_, name, value);
  }
}

void server_response::put_header(bool is_all) {
  char digits[24];
  if (!status_has_body()) {
    framing_ = framing::nothing;
    if (status_ == 304 && declared_ >= 0) put_field(head_, "Content-Length", in_digits(digits, declared_));
  } else if (declared_ >= 0) {
    framing_ = framing::counted;
    put_field(head_, "Content-Length", in_digits(digits, declared_));
  } else if (is_all && trailer_names_.empty()) {
    framing_ = framing::counted;
    declared_ = static_cast<std::int64_t>(written_);
    if (!is_head_ || written_ != 0) put_field(head_, "Content-Length", in_digits(digits, written_));
  } else if (version_ >= 11) {
    framing_ = framing::chunks;
    head_.append("Transfer-Encoding: chunked\r\n");
  } else {
    framing_ = framing::until_close;
    if (!is_head_) keep_alive_ = false;
  }
  if (status_has_body() && !has_type_ && !has_coding_ && !held_.empty()) put_field(head_, "Content-Type", content_type_of(held_));
  if (!has_date_) {
    head_.append("Date: ");
    put_date(head_);
    head_.append("\r\n");
  }
  if (!keep_alive_ && status_ != 101) head_.append("Connection: close\r\n");
  else if (version_ < 11 && keep_alive_) head_.append("Connection: keep-alive\r\n");
  head_.append("\r\n");
}

std::size_t server_response::write(io::const_bytes from) {
  return detail_of_io::or_throw("write of an HTTP answer", [&](std::error_code& e) { return write(from, e); });
}

std::size_t server_response::write(io::const_bytes from, std::error_code& error) {
  if (status_ == 0) write_header(200);
  error = failed_;
  if (!error && !status_has_body()) error = http::errc::body_not_allowed;
  if (!error && declared_ >= 0 && framing_ != framing::chunks && written_ + from.size() > static_cast<std::uint64_t>(declared_)) {
    error = http::errc::content_length;
  }
  if (error) return 0;
  written_ += from.size();
  if (is_head_) {
    if (held_.empty()) held_.append(io::as_text(from.first(std::min<std::size_t>(from.size(), 512))));  // for its type
    return from.size();
  }
  if (held_.size() + from.size() <= most_held) {
    held_.append(io::as_text(from));
    return from.size();
  }
  const std::size_t kept = sent_header_ || !held_.empty() ? 0 : 512;  // for its type
  held_.append(io::as_text(from.first(kept)));
  send(io::as_text(from.subspan(kept)), false);
  error = failed_;
  return error ? 0 : from.size();
}

// What is held, then `data`.
void server_response::send(std::string_view data, bool is_last) {
  if (failed_) return;
  std::unique_lock<mutex> alone;
  if (expects_continue_) {
    // The client may send the body after this answer or not: nobody can tell its bytes from the next request.
    alone = std::unique_lock(continue_lock_);
    if (expects_continue_) keep_alive_ = false;
  }
  if (!sent_header_) put_header(is_last);
  sent_header_ = true;
  if (is_head_ || framing_ == framing::nothing) {
    held_.clear();
    data = {};
  }
  const std::size_t size = held_.size() + data.size();
  const bool chunked = framing_ == framing::chunks && !is_head_;
  char digits[24];
  if (chunked && size != 0) head_.append(in_digits(digits, size, 16)).append("\r\n");
  head_.append(held_);
  held_.clear();
  std::string end;
  if (chunked && size != 0) end = "\r\n";
  if (chunked && is_last) {
    end += "0\r\n";
    for (const std::string& name : trailer_names_) {
      if (headers_.has(name) && is_token(name)) put_field(end, name, headers_.get(name));
    }
    end += "\r\n";
  }
  if (data.size() <= 8 * most_held) {
    head_.append(data).append(end);
    if (!head_.empty()) conn_.write(io::as_bytes(head_), failed_);
  } else {
    conn_.write(io::as_bytes(head_), failed_);
    if (!failed_) conn_.write(io::as_bytes(data), failed_);
    if (!failed_ && !end.empty()) conn_.write(io::as_bytes(end), failed_);
  }
  head_.clear();
}

void server_response::flush() {
  if (status_ == 0) write_header(200);
  send({}, false);
  if (failed_) throw std::system_error(failed_, "flush of an HTTP answer");
}

void server_response::finish() {
  if (status_ == 0) write_header(200);
  send({}, true);
  // Less than was promised: only the end of the connection can say so.
  if (framing_ == framing::counted && !is_head_ && written_ != static_cast<std::uint64_t>(declared_)) keep_alive_ = false;
}

void server_response::set_read_deadline(clock::time_point t) {
  read_deadline_set_ = true;
  conn_.set_read_deadline(t == clock::time_point::max() ? clock::time_point() : t);
}

void server_response::set_write_deadline(clock::time_point t) {
  conn_.set_write_deadline(t == clock::time_point::max() ? clock::time_point() : t);
}

void server_response::give_memory_back() noexcept {
  for (std::string* s : {&head_, &held_}) {
    if (s->capacity() > most_held) std::string().swap(*s);
  }
}

}  // namespace ravel::http_text
