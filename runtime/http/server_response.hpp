#pragma once
// The answer to one request on a connection. Private to http/.
//
// The header is put together at write_header, since later changes of headers() are not sent, but leaves together with the first of the body:
// when the handler has returned by then, its length is known and one write sends it all.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/include/ravel/http.hpp"
#include "runtime/include/ravel/sync.hpp"

namespace ravel::http_text {

class server_response final : public http::response_writer {
 public:
  explicit server_response(net::conn& c) noexcept : conn_(c) {}

  void begin(std::string_view method, int version, bool keep_alive, bool expects_continue);

  http::headers& headers() override { return headers_; }
  void write_header(int status) override;
  using response_writer::write;
  std::size_t write(io::const_bytes from) override;
  std::size_t write(io::const_bytes from, std::error_code& error) override;
  void flush() override;
  void set_read_deadline(clock::time_point t) override;
  void set_write_deadline(clock::time_point t) override;

  void finish();                            // what is left of it; afterwards keeps_alive says whether another may follow
  void send_continue(std::error_code& error);  // 100, unless the answer has begun
  bool awaits_continue() const noexcept { return expects_continue_; }  // the client still holds back the body
  void close_after() noexcept { keep_alive_ = false; }
  bool keeps_alive() const noexcept { return keep_alive_ && !failed_; }
  bool is_sent() const noexcept { return sent_header_; }
  bool has_failed() const noexcept { return static_cast<bool>(failed_); }
  bool read_deadline_is_the_handlers() const noexcept { return read_deadline_set_; }
  void give_memory_back() noexcept;

 private:
  enum class framing : std::uint8_t { nothing, counted, chunks, until_close };

  void put_fields();
  void put_header(bool is_all);             // what depends on how the body is sent
  void send(std::string_view data, bool is_last);
  bool status_has_body() const noexcept { return status_ >= 200 && status_ != 204 && status_ != 304; }

  static constexpr std::size_t most_held = 4096;  // of the body, until its length has to be known

  net::conn& conn_;
  http::headers headers_;
  std::string head_;                        // the header, until it is sent
  std::string held_;                        // the body, until it is sent
  std::vector<std::string> trailer_names_;
  int status_ = 0;                          // 0: write_header has not been called
  int version_ = 11;
  bool is_head_ = false, keep_alive_ = true, expects_continue_ = false, sent_header_ = false, read_deadline_set_ = false;
  bool has_type_ = false, has_date_ = false, has_coding_ = false;
  framing framing_ = framing::nothing;
  std::int64_t declared_ = -1;              // Content-Length as the handler set it
  std::uint64_t written_ = 0;
  std::error_code failed_;
  mutex continue_lock_;                     // taken only for a request that awaits 100: its body may be read by another goroutine
};

void put_date(std::string& out);  // the present time, as a Date field has it
// By the first bytes (WHATWG MIME Sniffing, as Go's DetectContentType).
std::string_view content_type_of(std::string_view data) noexcept;

}  // namespace ravel::http_text
