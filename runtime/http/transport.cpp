// The pool of a client's connections. Invariants, under `lock`: `open` counts a host's connections and dials that are under way, so that it never
// exceeds the limit; who waits for one is told when `open` falls or one becomes idle, and then looks again.

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

#include "runtime/http/client_connection.hpp"
#include "runtime/http/url.hpp"
#include "runtime/include/ravel/select.hpp"
#include "runtime/include/ravel/sync.hpp"
#include "runtime/io/throwing.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace http {

using http_text::client_connection;
using http_text::exchange_limits;

struct transport::state final : http_text::connection_pool, std::enable_shared_from_this<state> {
  struct host {
    std::deque<std::shared_ptr<client_connection>> idle;  // longest first
    std::deque<chan<unit>> waiting;
    int open = 0;
  };

  mutex lock;
  std::map<std::string, host> hosts;
  int idle = 0;
  bool sweeping = false, over = false;
  int most_idle = 0, most_idle_per_host = 0, most_per_host = 0;  // the transport's settings
  clock::duration idle_timeout{};

  void wake_one_locked(host& h) {
    if (h.waiting.empty()) return;
    h.waiting.front().try_send({});
    h.waiting.pop_front();
  }

  void put(std::shared_ptr<client_connection> c) noexcept override {
    std::shared_ptr<client_connection> dropped;  // closed without the lock
    {
      const std::lock_guard hold(lock);
      host& h = hosts[c->host()];
      if (over || idle >= most_idle || static_cast<int>(h.idle.size()) >= most_idle_per_host) {
        dropped = std::move(c);
      } else {
        c->idle_since = clock::now();
        h.idle.push_back(std::move(c));
        ++idle;
        wake_one_locked(h);
        sweep_later_locked();
      }
    }
    if (dropped) dropped->close();
  }

  void lost(client_connection& c) noexcept override {
    const std::lock_guard hold(lock);
    gone_locked(c.host());
  }
  void gone_locked(const std::string& name) {
    const auto h = hosts.find(name);
    if (h == hosts.end()) return;
    --h->second.open;
    wake_one_locked(h->second);
    if (h->second.open == 0 && h->second.waiting.empty()) hosts.erase(h);
  }

  void sweep_later_locked() {
    if (sweeping || idle_timeout.count() <= 0) return;
    sweeping = true;
    after_func(idle_timeout, [weak = weak_from_this()] {
      if (const auto s = weak.lock()) s->close_idle(clock::now() - s->idle_timeout, true);
    });
  }

  void close_idle(clock::time_point since, bool again) {
    std::vector<std::shared_ptr<client_connection>> old;
    {
      const std::lock_guard hold(lock);
      if (again) sweeping = false;
      for (auto& [name, h] : hosts) {
        while (!h.idle.empty() && h.idle.front()->idle_since <= since) {
          old.push_back(std::move(h.idle.front()));
          h.idle.pop_front();
          --idle;
        }
      }
      if (again && idle != 0) sweep_later_locked();
    }
    for (const auto& c : old) c->close();
  }

  // An idle connection, or none, with the right to make one.
  std::shared_ptr<client_connection> take(const std::string& name, const ravel::context::context& ctx, bool fresh, std::error_code& error) {
    for (;;) {
      std::shared_ptr<client_connection> c;
      chan<unit> told;
      {
        const std::lock_guard hold(lock);
        host& h = hosts[name];
        if (!h.idle.empty()) {
          c = std::move(h.idle.back());
          h.idle.pop_back();
          --idle;
        } else if (most_per_host <= 0 || h.open < most_per_host) {
          ++h.open;
          return nullptr;
        } else {
          told = make_chan<unit>(1);
          h.waiting.push_back(told);
        }
      }
      if (c) {
        if (!fresh && c->is_usable()) return c;
        c->close();
        continue;
      }
      bool ended = false;
      select(on_recv(told), on_recv(ctx.done(), [&] { ended = true; }));
      if (!ended) continue;
      const std::lock_guard hold(lock);
      host& h = hosts[name];
      const auto at = std::find(h.waiting.begin(), h.waiting.end(), told);
      if (at != h.waiting.end()) h.waiting.erase(at);
      else wake_one_locked(h);  // what it was told is for another
      error = ctx.err();
      return nullptr;
    }
  }
};

transport::transport() : state_(std::make_shared<state>()) {}

transport::~transport() {
  {
    const std::lock_guard hold(state_->lock);
    state_->over = true;
  }
  close_idle_connections();
}

void transport::close_idle_connections() { state_->close_idle(clock::time_point::max(), false); }

namespace {

bool may_send_again(const request& r) {
  for (std::string_view m : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}) {
    if (r.method == m) return true;
  }
  return r.headers.has("Idempotency-Key") || r.headers.has("X-Idempotency-Key");
}

// A body whose reads fail with the context's error once that has ended.
struct answered_body final : detail::body_source {
  body inner;
  ravel::context::context ctx;

  answered_body(body b, ravel::context::context c) : inner(std::move(b)), ctx(std::move(c)) {}
  std::size_t read(io::bytes to) override {
    return detail_of_io::or_throw("read of an HTTP body", [&](std::error_code& e) { return read(to, e); });
  }
  std::size_t read(io::bytes to, std::error_code& error) override {
    const std::size_t n = inner.read(to, error);
    if (error && ctx.err()) error = ctx.err();
    return n;
  }
  void close() noexcept override {
    std::error_code ignored;
    inner.close(ignored);
  }
  std::int64_t size() const noexcept override { return inner.size(); }
  const headers* trailers() const noexcept override { return &inner.trailers(); }
};

}  // namespace

response transport::round_trip(request& r) {
  if (r.scheme != "http") throw std::system_error(errc::unsupported_scheme, r.scheme.empty() ? "no scheme" : r.scheme);
  {
    const std::lock_guard hold(state_->lock);
    state_->most_idle = max_idle_connections;
    state_->most_idle_per_host = max_idle_connections_per_host;
    state_->most_per_host = max_connections_per_host;
    state_->idle_timeout = idle_timeout;
  }
  std::string header;
  if (!http_text::put_request_header(header, r)) throw std::system_error(errc::bad_request, r.method + " " + r.url());
  const exchange_limits limits{response_header_timeout, expect_continue_timeout, max_response_header_bytes};
  const std::string address = http_text::with_port(r.host);
  const ravel::context::context ctx = r.context();
  for (bool again = false;; again = true) {
    std::error_code error = ctx.err();
    std::shared_ptr<client_connection> c;
    if (!error) c = state_->take(address, ctx, again, error);
    if (error) throw std::system_error(error, r.method + " " + r.url());
    if (c) {
      c->was_used = true;
    } else {
      try {
        c = std::make_shared<client_connection>(dial ? dial(ctx, address) : net::dial(ctx, "tcp", address), address, state_);
      } catch (...) {
        const std::lock_guard hold(state_->lock);
        state_->gone_locked(address);
        throw;
      }
    }
    c->close_with(ctx);
    response answer = c->exchange(r, header, limits, error);
    if (!error) {
      answer.url = r.url();
      if (ctx.done() && answer.body.source()) {
        answer.body = body(detail::source_ptr(new answered_body(answer.body, ctx)));
      }
      return answer;
    }
    if (ctx.err()) error = ctx.err();
    else if (c->was_used && c->is_untouched() && may_send_again(r)) {
      if (!r.body.source()) continue;
      if (detail::source_ptr from_the_beginning = r.body.source()->again()) {
        r.body = body(std::move(from_the_beginning));
        continue;
      }
    }
    throw std::system_error(error, r.method + " " + r.url());
  }
}

transport& default_transport() {
  static transport* const t = new transport;  // never destroyed: goroutines may use it while the process ends
  return *t;
}

}  // namespace http
} }
