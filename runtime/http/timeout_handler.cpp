// Go's timeoutHandler. The inner handler may go on after the time is over: everything it uses is held by it, and its writer is cut off under
// the lock of the shared state.

#include <mutex>

#include "runtime/include/ravel/defer.hpp"
#include "runtime/include/ravel/detail/goexit.hpp"
#include "runtime/include/ravel/http.hpp"
#include "runtime/include/ravel/select.hpp"
#include "runtime/include/ravel/sync.hpp"
#include "runtime/io/throwing.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace http {

namespace {

class buffered_response final : public response_writer {
 public:
  http::headers& headers() override { return headers_; }
  void write_header(int status) override {
    const std::lock_guard hold(lock_);
    if (status < 100 || status > 999) throw panic_error("invalid WriteHeader code " + std::to_string(status));
    if (cut_off_ || status_ != 0 || status < 200) return;
    commit_locked(status);
  }
  using response_writer::write;
  std::size_t write(io::const_bytes from) override {
    return detail_of_io::or_throw("write of an HTTP answer", [&](std::error_code& e) { return write(from, e); });
  }
  std::size_t write(io::const_bytes from, std::error_code& error) override {
    const std::lock_guard hold(lock_);
    error = cut_off_;
    if (error) return 0;
    if (status_ == 0) commit_locked(200);
    text_.append(io::as_text(from));
    return from.size();
  }
  void flush() override {}                                // all of it is sent at the end
  void set_read_deadline(clock::time_point) override {}   // the time is the outer handler's
  void set_write_deadline(clock::time_point) override {}

  void cut_off(std::error_code why) {
    const std::lock_guard hold(lock_);
    cut_off_ = why;
  }
  void send(response_writer& to) {
    const std::lock_guard hold(lock_);
    if (status_ == 0) commit_locked(200);
    for (const auto& [name, value] : sent_headers_) to.headers().add(name, value);
    to.write_header(status_);
    if (!text_.empty()) to.write(text_);
  }

 private:
  void commit_locked(int status) {
    status_ = status;
    sent_headers_ = headers_;
  }

  mutex lock_;
  http::headers headers_, sent_headers_;
  std::string text_;
  int status_ = 0;
  std::error_code cut_off_;
};

struct call final : ravel::detail::counted {
  handler h;
  request r;
  buffered_response response;
  std::exception_ptr panic;
  bool left_early = false;  // by goexit
  chan<unit> done = make_chan<unit>();
};

}  // namespace

handler timeout_handler(handler h, clock::duration d, std::string body) {
  if (body.empty()) body = "<html><head><title>Timeout</title></head><body><h1>Timeout</h1></body></html>";
  return [h = std::move(h), d, body = std::move(body)](response_writer& w, request& r) {
    auto limited = context::with_timeout(r.context(), d);
    RAVEL_DEFER { limited.cancel(); };
    const ravel::detail::counted_ptr c(new call);
    c->h = h;
    c->r = r.with_context(limited.ctx);
    go({.name = "http: handler with a timeout"}, [c] {
      RAVEL_DEFER { c->done.close(); };
      try {
        c->h(c->response, c->r);
      } catch (...) {
        c->left_early = ravel::detail::goexit_in_flight();
        if (c->left_early) throw;
        c->panic = std::current_exception();
      }
    });
    bool finished = false;
    select(on_recv(c->done, [&] { finished = true; }), on_recv(limited.ctx.done()));
    if (!finished) {
      const bool out_of_time = limited.ctx.err() == context::errc::deadline_exceeded;
      c->response.cut_off(out_of_time ? make_error_code(errc::handler_timeout) : limited.ctx.err());
      w.write_header(503);
      if (out_of_time) w.write(body);
      return;
    }
    if (c->panic) std::rethrow_exception(c->panic);
    if (c->left_early) throw abort_handler();
    c->response.send(w);
  };
}

}  // namespace http
} }
