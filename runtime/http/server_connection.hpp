#pragma once
// One connection of a server: reads requests, runs the handler for each, in one goroutine, and sees when the client goes away meanwhile.
// Private to http/.
//
// A client's going away is seen by a read of the connection while the handler runs (Go's background read), by another goroutine: the watch. It
// exists only when the handler asked for the request's context and the body has been read, or there is none; what it reads belongs to the next
// request, and ends it. The input is the watch's while `watching_`, which watch_lock_ guards, and the connection's otherwise; stop_watch
// ends the read by a read deadline in the past.

#include <atomic>
#include <memory>
#include <optional>

#include "runtime/http/incoming_body.hpp"
#include "runtime/http/server_core.hpp"
#include "runtime/http/server_response.hpp"

namespace ravel::http_text {

class server_connection final : http::detail::context_source, body_owner {
 public:
  server_connection(net::conn c, core_ptr core, settings_ptr settings);

  void run();
  void end() noexcept;             // closes the socket; nobody else uses this any more

  std::list<server_connection*>::iterator place;  // in the core's list

  // By shutdown and close, under the core's lock.
  void close_if_idle() noexcept;  // a new one gets 5 seconds for its first request, as in Go
  void close_now() noexcept;

 private:
  enum class state : std::uint8_t { fresh, active, idle, closed };

  bool await_request();            // its first byte; false: there is no more
  bool read_header();              // false: there is none, and what there is to say about it is said
  bool take_request();             // header_ becomes request_; false: refused
  bool answer();                   // whether another request may follow
  bool call_handler();             // false: the connection has to be closed at once
  bool finish_body();              // false: too much is left of it
  void refuse(int status);
  void close_slowly();

  context::context context_of_request() override;
  void before_first_read(std::error_code& error) override { response_.send_continue(error); }
  void body_ended(bool whole) noexcept override;
  void start_watch_locked();
  void watch();
  void stop_watch();

  net::conn conn_;
  const core_ptr core_;
  const settings_ptr settings_;
  input input_;
  message_parser parser_{message_parser::kind::request};
  message_header header_;
  http::request request_;
  server_response response_;
  detail::counted_ptr<incoming_body> body_;      // none: the request has no body
  std::atomic<state> state_{state::fresh};
  const clock::time_point accepted_ = clock::now();
  clock::time_point began_ = accepted_;      // when the first byte of the request came; of the first one: when the connection did
  clock::time_point header_ended_;
  bool must_linger_ = false;                 // the client may still be sending what nobody will read
  bool read_deadline_set_ = false;

  mutex watch_lock_;                         // guards what follows
  cond watch_ended_{watch_lock_};
  std::optional<context::cancellable> context_;  // of the request, once asked for
  bool handler_runs_ = false, body_open_ = false, watching_ = false, stopping_watch_ = false, watch_over_ = false;
};

}  // namespace ravel::http_text
