#include "runtime/net/simulated_network.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include "runtime/hooks/controlled.hpp"
#include "runtime/include/ravel/select.hpp"
#include "runtime/include/ravel/time.hpp"
#include "runtime/net/sockets.hpp"
#include "runtime/sched/scheduler.hpp"

namespace ravel::simulated {

struct port {
  std::vector<listener*> listeners;
};

namespace {

namespace fault = hooks::network_fault;

constexpr std::uint16_t first_free_port = 49152;
constexpr std::int64_t system_dials_for = 127'000'000'000;  // Linux: tcp_syn_retries = 6
constexpr std::uint32_t strikes_within = 8;                 // operations of a connection

struct network {
  std::uint64_t run = 0;
  std::map<std::string, std::unique_ptr<port>> ports;
  std::uint16_t next_port = first_free_port;
};

network& here() {
  static network& n = *new network;
  if (n.run != hooks::controlled_run_number()) {
    n.ports.clear();
    n.next_port = first_free_port;
    n.run = hooks::controlled_run_number();
  }
  return n;
}

port& port_of(const net::address& a) {
  const hooks::own_use ours;
  auto& p = here().ports[a.network() == "unix" ? a.to_string() : std::to_string(a.port())];
  if (!p) p = std::make_unique<port>();
  return *p;
}

sockaddr_in as_v4(const socket_address& a) {
  sockaddr_in in;
  std::memcpy(&in, &a.storage, sizeof in);
  return in;
}
sockaddr_in6 as_v6(const socket_address& a) {
  sockaddr_in6 in;
  std::memcpy(&in, &a.storage, sizeof in);
  return in;
}

bool is_every_address(const socket_address& a) {
  if (a.family() == AF_INET) return as_v4(a).sin_addr.s_addr == htonl(INADDR_ANY);
  const sockaddr_in6 in = as_v6(a);
  return a.family() == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&in.sin6_addr);
}

bool is_loopback(const socket_address& a) {
  if (a.family() == AF_UNIX || is_every_address(a)) return true;
  if (a.family() == AF_INET) return ntohl(as_v4(a).sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
  const sockaddr_in6 in = as_v6(a);
  return IN6_IS_ADDR_LOOPBACK(&in.sin6_addr);
}

void refuse_unless_loopback(const char* what, const socket_address& a) {
  if (is_loopback(a)) return;
  hooks::refuse_in_controlled_run((what + net::detail::to_address(a).to_string() + ": of the network only the loopback and Unix sockets are simulated").c_str());
}

socket_address loopback(int family, std::uint16_t number) {
  socket_address a;
  if (family == AF_INET) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(number);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::memcpy(&a.storage, &in, a.length = sizeof in);
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(number);
    in.sin6_addr = in6addr_loopback;
    std::memcpy(&a.storage, &in, a.length = sizeof in);
  }
  return a;
}

std::uint16_t number_of(const socket_address& a) { return ntohs(a.family() == AF_INET ? as_v4(a).sin_port : as_v6(a).sin6_port); }

socket_address with_number(socket_address a, std::uint16_t number) {
  if (a.family() == AF_INET) {
    sockaddr_in in = as_v4(a);
    in.sin_port = htons(number);
    std::memcpy(&a.storage, &in, sizeof in);
  } else {
    sockaddr_in6 in = as_v6(a);
    in.sin6_port = htons(number);
    std::memcpy(&a.storage, &in, sizeof in);
  }
  return a;
}

bool same_host(const socket_address& a, const socket_address& b) {
  if (a.family() != b.family()) return false;
  if (a.family() == AF_UNIX) return true;
  if (a.family() == AF_INET) return as_v4(a).sin_addr.s_addr == as_v4(b).sin_addr.s_addr;
  const sockaddr_in6 x = as_v6(a), y = as_v6(b);
  return IN6_ARE_ADDR_EQUAL(&x.sin6_addr, &y.sin6_addr);
}

// Never taken again in a run, as good as on a real machine.
std::uint16_t free_port() {
  network& n = here();
  while (n.ports.contains(std::to_string(n.next_port))) ++n.next_port;
  return n.next_port++;
}

class end_of_link final : public memory_end {
 public:
  end_of_link(std::shared_ptr<link> l, int end) : link_(std::move(l)), end_(end) {}
  ~end_of_link() override {
    std::error_code closed_before;
    link_->close(end_, closed_before);
  }
  std::size_t read(bytes to, std::error_code& error) override { return link_->read(end_, to, error); }
  std::size_t write(const_bytes from, std::error_code& error) override { return link_->write(end_, from, error); }
  void close(std::error_code& error) override { link_->close(end_, error); }
  void close_write(std::error_code& error) override { link_->close_write(end_, error); }
  void set_read_deadline(clock::time_point t, std::error_code& error) override { link_->set_deadline(end_, true, in_ns(t), error); }
  void set_write_deadline(clock::time_point t, std::error_code& error) override { link_->set_deadline(end_, false, in_ns(t), error); }
  bool is_readable() override { return link_->is_readable(end_); }

 private:
  static std::int64_t in_ns(clock::time_point t) { return t == clock::time_point() ? never : t.time_since_epoch().count(); }

  const std::shared_ptr<link> link_;
  const int end_;
};

// False: the context ended first.
bool wait_for(std::int64_t nanoseconds, const context::context& ctx) {
  if (nanoseconds == 0) return true;
  bool over = true;
  select(on_recv(after(std::chrono::nanoseconds(nanoseconds))), on_recv(ctx.done(), [&] { over = false; }));
  return over;
}

// What becomes of a connection that is dialled.
struct plan {
  bool refused = false;
  fate then = fate::sound;
  std::uint32_t after = 0;                // 0: nothing comes of the dial itself
};

plan chosen_plan() {
  const std::uint32_t asked = hooks::controlled_network_faults();
  plan possible[4];
  std::uint32_t n = 1;
  if ((asked & fault::refuse) != 0) possible[n++].refused = true;
  if ((asked & fault::reset) != 0) possible[n++].then = fate::reset;
  if ((asked & fault::silence) != 0) possible[n++].then = fate::silence;
  plan p = possible[n == 1 ? 0 : sched::choose_index(n)];
  if (p.then == fate::reset) p.after = 1 + sched::choose_index(strikes_within);
  if (p.then == fate::silence) p.after = sched::choose_index(strikes_within + 1);
  return p;
}

void point_at(hooks::op what, const void* object, const void* const& more, bool (*possible)(const void*), std::uintptr_t frame, std::uintptr_t place) {
  if (!hooks::maybe_controlled()) return;
  hooks::detail::point({what, hooks::touch::writes, static_cast<std::uint16_t>(more != nullptr), object, &more, frame, place}, possible, hooks::wait_reason::io_wait);
}

}  // namespace

listener::listener(port& at, const socket_address& bound)
    : run_(hooks::controlled_run_number()), port_(at), bound_(std::make_unique<const socket_address>(bound)), local_(net::detail::to_address(bound)) {}

listener::~listener() {
  std::error_code closed_before;
  close(closed_before);
  hooks::destroyed(known_);
  hooks::destroyed(listens_);
}

bool listener::takes(const socket_address& dialled) const {
  if (same_host(*bound_, dialled)) return true;
  return is_every_address(*bound_) && (bound_->family() == dialled.family() || (bound_->family() == AF_INET6 && dialled.family() == AF_INET));
}

bool listener::overlaps(const socket_address& other) const {
  if (same_host(*bound_, other)) return true;
  const bool both = bound_->family() == other.family();
  if (is_every_address(*bound_)) return both || bound_->family() == AF_INET6;
  return is_every_address(other) && (both || other.family() == AF_INET6);
}

std::unique_ptr<listener> listen(const socket_address& at, std::error_code& error) {
  error.clear();
  refuse_unless_loopback("a listener at ", at);
  const bool any_port = at.family() != AF_UNIX && number_of(at) == 0;
  const socket_address bound = any_port ? with_number(at, free_port()) : at;
  port& p = port_of(net::detail::to_address(bound));
  RAVEL_POINT(net_listen, writes, &p);
  if (std::any_of(p.listeners.begin(), p.listeners.end(), [&](listener* l) { return l->overlaps(bound); })) {
    error = std::make_error_code(std::errc::address_in_use);
    return nullptr;
  }
  auto made = std::make_unique<listener>(p, bound);
  {
    const hooks::own_use ours;
    p.listeners.push_back(made.get());
  }
  if constexpr (hooks::enabled) hooks::sink().release(sched::current(), made->listens_, hooks::operation::descriptor_write);
  return made;
}

connected listener::accept(std::error_code& error) {
  error.clear();
  const auto possible = [](const void* o) {
    const auto& l = *static_cast<const listener*>(o);
    return l.closed_ || !l.queue_.empty();
  };
  const void* const also = &port_;
  point_at(hooks::op::net_accept, this, also, possible, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)),
           reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)));
  if (!is_on() || !is_of_this_run() || closed_) {
    error = io::errc::closed;
    return {};
  }
  waiting first = std::move(queue_.front());
  queue_.pop_front();
  if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), known_, hooks::operation::descriptor_write);
  hooks::changed(this);
  return {std::make_unique<end_of_link>(std::move(first.over), 1), std::move(first.to), std::move(first.from)};
}

void listener::close(std::error_code& error) {
  error.clear();
  if (!is_on() || !is_of_this_run()) {
    error = io::errc::closed;
    closed_ = true;
    return;
  }
  const void* const also = &port_;
  point_at(hooks::op::net_close, this, also, nullptr, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)),
           reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)));
  if (std::exchange(closed_, true)) {
    error = io::errc::closed;
    return;
  }
  std::erase(port_.listeners, this);
  hooks::changed(this);
  const auto left = std::exchange(queue_, {});
  // Who dialled and was not accepted is told by a reset.
  for (const waiting& w : left) w.over->break_off();
}

connected dial(const context::context& ctx, const socket_address& asked, std::error_code& error) {
  error.clear();
  refuse_unless_loopback("a connection to ", asked);
  const socket_address to = is_every_address(asked) ? loopback(asked.family(), number_of(asked)) : asked;
  const auto over = [&] { return error = ctx.err(), connected(); };
  if (!wait_for(chosen_delay(), ctx)) return over();
  const net::address dialled = net::detail::to_address(to);
  port& p = port_of(dialled);
  RAVEL_POINT(net_dial, writes, &p);
  if (ctx.err()) return over();
  const auto at = std::find_if(p.listeners.begin(), p.listeners.end(), [&](listener* l) { return l->takes(to); });
  if (at == p.listeners.end()) {
    error = std::make_error_code(to.family() == AF_UNIX ? std::errc::no_such_file_or_directory : std::errc::connection_refused);
    return {};
  }
  const plan planned = chosen_plan();
  if (planned.refused) {
    error = std::make_error_code(std::errc::connection_refused);
    return {};
  }
  if (planned.then == fate::silence && planned.after == 0) {
    if (!wait_for(system_dials_for, ctx)) return over();
    error = std::make_error_code(std::errc::timed_out);
    return {};
  }
  listener& l = **at;
  const auto made = std::make_shared<link>(planned.then, planned.after);
  const net::address from = to.family() == AF_UNIX ? net::address("unix", "") : net::detail::to_address(loopback(to.family(), free_port()));
  l.queue_.push_back({made, from, l.local_.network() == "unix" ? l.local_ : dialled});
  if constexpr (hooks::enabled) {
    hooks::sink().acquire(sched::current(), l.listens_, hooks::operation::descriptor_write);
    hooks::sink().release_merge(sched::current(), l.known_, hooks::operation::descriptor_write);
  }
  hooks::changed(&l);
  return {std::make_unique<end_of_link>(made, 0), from, dialled};
}

std::vector<socket_address> look_up(const std::string& host, int family, std::uint16_t number) {
  if (host != "localhost" && !host.ends_with(".localhost")) {
    hooks::refuse_in_controlled_run(("a look-up of the name '" + host + "': of the network only localhost is simulated").c_str());
  }
  std::vector<socket_address> found;
  for (const int f : {AF_INET6, AF_INET}) {
    if (family == AF_UNSPEC || family == f) found.push_back(loopback(f, number));
  }
  return found;
}

}  // namespace ravel::simulated
