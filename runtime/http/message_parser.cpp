#include "runtime/http/message_parser.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <cstring>
#include <optional>

#include "runtime/http/characters.hpp"

namespace ravel::http_text {

namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using beast_error = beast::error_code;

namespace {

// What both kinds of message share: fields go to the header, or after it to the trailers; data to where the reader wants it.
struct sink {
  message_header* header = nullptr;  // until it is whole
  http::headers trailers;
  io::bytes to;
  std::size_t put = 0;
  int content_lengths = 0, codings = 0, hosts = 0;
  bool only_chunked = false;

  void field(beast_http::field f, beast::string_view name, beast::string_view value) {
    const std::string_view n(name.data(), name.size()), v(value.data(), value.size());
    if (header == nullptr) {
      trailers.add(n, v);
      return;
    }
    header->fields.add(n, v);
    if (f == beast_http::field::content_length) ++content_lengths, header->has_length = v.find(',') == v.npos;
    if (f == beast_http::field::transfer_encoding) ++codings, only_chunked = http::equal_fold(trim(v), "chunked");
    if (f == beast_http::field::host) ++hosts;
  }

  std::size_t data(beast::string_view body) {
    const std::size_t n = std::min(body.size(), to.size());
    if (n != 0) std::memcpy(to.data(), body.data(), n);
    to = to.subspan(n);
    put += n;
    return n;
  }
};

template <bool is_request>
class parser final : public beast_http::basic_parser<is_request> {
 public:
  sink out;

  parser() {
    this->header_limit(UINT32_MAX);  // who fills the buffer sees to that
    this->body_limit(boost::none);
    this->eager(false);
  }

 private:
  void on_request_impl(beast_http::verb, beast::string_view method, beast::string_view target, int version, beast_error&) override {
    out.header->start.method.assign(method.data(), method.size());
    out.header->start.target.assign(target.data(), target.size());
    out.header->start.version = version;
  }
  void on_response_impl(int status, beast::string_view reason, int version, beast_error&) override {
    out.header->start.status = status;
    out.header->start.reason.assign(reason.data(), reason.size());
    out.header->start.version = version;
  }
  void on_field_impl(beast_http::field f, beast::string_view name, beast::string_view value, beast_error&) override { out.field(f, name, value); }
  void on_header_impl(beast_error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast_error&) override {}
  std::size_t on_body_impl(beast::string_view body, beast_error&) override { return out.data(body); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast_error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, beast_error&) override { return out.data(body); }
  void on_finish_impl(beast_error&) override {}
};

bool has_folded_line(std::string_view block) {
  for (std::size_t i = block.find('\n'); i != block.npos && i + 1 < block.size(); i = block.find('\n', i + 1)) {
    if (block[i + 1] == ' ' || block[i + 1] == '\t') return true;
  }
  return false;
}

// The size of the header with the empty line that ends it; 0: not there yet. `from`: where to go on searching, moved on. A bare line feed ends
// no line, but is refused as soon as it is seen.
std::size_t find_end(std::string_view in, std::size_t& from, problem& trouble) {
  for (;;) {
    const void* found = from < in.size() ? std::memchr(in.data() + from, '\n', in.size() - from) : nullptr;
    if (found == nullptr) {
      from = in.size();
      return 0;
    }
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - in.data());
    if (at < 2 || in[at - 1] != '\r') {  // also an empty line at the very beginning
      trouble = problem::malformed;
      return 0;
    }
    if (at >= 3 && in[at - 2] == '\n') return at + 1;
    from = at + 1;
  }
}

// Beast calls all that is wrong at the end of a request line a bad version: it is one only when it has the form of another one.
bool names_another_version(std::string_view header) {
  const std::string_view line = header.substr(0, header.find('\r'));
  if (line.size() < 9) return false;
  const std::string_view v = line.substr(line.size() - 9);
  return v.starts_with(" HTTP/") && is_digit(v[6]) && v[7] == '.' && is_digit(v[8]) && v != " HTTP/1.0" && v != " HTTP/1.1";
}

}  // namespace

struct message_parser::grammar {
  std::optional<parser<true>> request;
  std::optional<parser<false>> response;

  template <class F>
  decltype(auto) with(F f) {
    return request ? f(*request) : f(*response);
  }
};

message_parser::message_parser(kind k) : kind_(k), grammar_(std::make_unique<grammar>()) { begin(); }
message_parser::~message_parser() = default;

void message_parser::begin(bool answers_head) {
  trouble_ = problem::none;
  scanned_ = 0;
  answers_head_ = answers_head;
  if (kind_ == kind::request) grammar_->request.emplace();
  else grammar_->response.emplace().skip(answers_head);
}

std::size_t message_parser::parse_header(std::string_view in, message_header& header) {
  if (trouble_ != problem::none) return 0;
  const std::size_t size = find_end(in, scanned_, trouble_);
  if (size == 0) return 0;
  if (has_folded_line(in.substr(0, size))) {
    trouble_ = problem::malformed;
    return 0;
  }
  header.fields.clear();
  header.has_length = header.upgrade = false;
  return grammar_->with([&](auto& p) -> std::size_t {
    p.out.header = &header;
    beast_error error;
    std::size_t taken = 0;
    while (!error && taken < size && !p.is_header_done()) taken += p.put({in.data() + taken, size - taken}, error);
    p.out.header = nullptr;
    const bool is_request = kind_ == kind::request;
    if (error || taken != size || !p.is_header_done()) {
      trouble_ = error == beast_http::error::bad_version && names_another_version(in) ? problem::version : problem::malformed;
    } else if (p.out.content_lengths > 1 || (p.out.content_lengths == 1 && !header.has_length) ||
               (p.out.codings != 0 && p.out.content_lengths != 0) || (is_request && p.out.hosts > 1)) {
      trouble_ = problem::malformed;
    } else if (p.out.codings > 1 || (p.out.codings == 1 && header.start.version < 11)) {
      trouble_ = problem::malformed;
    } else if (p.out.codings == 1 && !p.out.only_chunked) {
      trouble_ = problem::unsupported_coding;
    } else if (is_request && header.start.version == 11 && p.out.hosts != 1) {
      trouble_ = problem::malformed;
    }
    if (trouble_ != problem::none) return 0;
    header.keep_alive = p.keep_alive();
    header.upgrade = p.upgrade();
    header.content_length = header.has_length ? p.content_length().get_value_or(0) : 0;
    if (p.is_done()) header.length = body_length::none;
    else if (p.chunked()) header.length = body_length::chunks;
    else if (header.has_length) header.length = body_length::counted;
    else header.length = body_length::until_end;
    return size;
  });
}

message_parser::progress message_parser::parse_chunks(std::string_view in, io::bytes to) {
  progress made;
  if (trouble_ != problem::none) return made;
  grammar_->with([&](auto& p) {
    p.out.to = to;
    p.out.put = 0;
    while (!p.is_done() && made.taken < in.size()) {
      beast_error error;
      const std::string_view rest = in.substr(made.taken);
      const std::size_t put_before = p.out.put;
      const std::size_t n = p.put({rest.data(), rest.size()}, error);
      if (error == beast_http::error::need_more) {
        made.needs_more = made.taken == 0;
        return;
      }
      if (error || (p.is_done() && has_folded_line(rest.substr(0, n)))) {
        trouble_ = problem::malformed;
        return;
      }
      made.taken += n;
      if (n == 0 || (p.out.put == to.size() && p.out.put != put_before)) return;  // `to` is full
    }
  });
  grammar_->with([&](auto& p) { made.put = p.out.put; });
  return made;
}

bool message_parser::chunks_are_done() const noexcept {
  return grammar_->with([](auto& p) { return p.is_done(); });
}

const http::headers& message_parser::trailers() const noexcept {
  return grammar_->with([](auto& p) -> const http::headers& { return p.out.trailers; });
}

}  // namespace ravel::http_text
