#include <algorithm>
#include <cstring>
#include <mutex>

#include "runtime/include/ravel/select.hpp"
#include "runtime/io/pipe_state.hpp"
#include "runtime/io/throwing.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace io {

using detail_of_io::or_throw;

namespace detail {

namespace {
bool is_closed(const recv_chan<unit>& c) {
  unit u;
  return c.try_recv(u) == recv_status::closed;
}
}  // namespace

pipe_deadline::~pipe_deadline() {
  if (timer_) timer_->stop();
}

void pipe_deadline::set(std::optional<clock::time_point> when) {
  const std::lock_guard hold(state_->lock);
  const std::uint64_t now_setting = ++state_->setting;
  if (timer_) timer_->stop();
  timer_.reset();
  if (state_->is_closed) {
    state_->passed = make_chan<unit>();
    state_->is_closed = false;
  }
  if (!when) return;
  const auto left = *when - clock::now();
  if (left <= clock::duration(0)) {
    state_->is_closed = true;
    state_->passed.close();
    return;
  }
  timer_.emplace(after_func(left, [s = state_, now_setting] {
    const std::lock_guard again(s->lock);
    if (s->setting != now_setting || s->is_closed) return;
    s->is_closed = true;
    s->passed.close();
  }));
}

recv_chan<unit> pipe_deadline::passed() {
  const std::lock_guard hold(state_->lock);
  return state_->passed;
}

void pipe_end::close(std::error_code reason) {
  const std::lock_guard hold(lock);
  if (is_closed) return;
  is_closed = true;
  why = reason;
  closed.close();
}

std::error_code pipe_end::reason() {
  const std::lock_guard hold(lock);
  return why;
}

std::size_t pipe_state::read(bytes to, std::error_code& error) {
  error.clear();
  const recv_chan<unit> late = read_deadline.passed();
  if (is_closed(reader_end.closed)) error = errc::closed_pipe;
  else if (is_closed(writer_end.closed)) error = writer_end.reason();
  else if (is_closed(late)) error = errc::deadline_exceeded;
  if (error || is_closed(writer_end.closed)) return 0;
  std::size_t n = 0;
  select(on_recv(data,
                 [&](std::optional<const_bytes> from) {
                   n = std::min(to.size(), from->size());
                   if (n != 0) std::memcpy(to.data(), from->data(), n);
                   taken.send(n);
                 }),
         on_recv(reader_end.closed, [&](std::optional<unit>) { error = errc::closed_pipe; }),
         on_recv(writer_end.closed, [&](std::optional<unit>) { error = writer_end.reason(); }),
         on_recv(late, [&](std::optional<unit>) { error = errc::deadline_exceeded; }));
  return n;
}

std::size_t pipe_state::write(const_bytes from, std::error_code& error) {
  error.clear();
  const std::lock_guard one_at_a_time(writing);
  const recv_chan<unit> late = write_deadline.passed();
  if (is_closed(writer_end.closed)) error = errc::closed_pipe;
  else if (is_closed(reader_end.closed)) error = reader_end.reason();
  else if (is_closed(late)) error = errc::deadline_exceeded;
  std::size_t done = 0;
  while (!error && done < from.size()) {  // nothing is nothing: to a reader it would be the end
    select(on_send(data, from.subspan(done), [&] { done += *taken.recv(); }),
           on_recv(writer_end.closed, [&](std::optional<unit>) { error = errc::closed_pipe; }),
           on_recv(reader_end.closed, [&](std::optional<unit>) { error = reader_end.reason(); }),
           on_recv(late, [&](std::optional<unit>) { error = errc::deadline_exceeded; }));
  }
  return done;
}

}  // namespace detail

pipe_reader::pipe_reader(std::shared_ptr<detail::pipe_state> s) noexcept
    : state_(std::move(s)), last_copy_(nullptr, [p = state_](void*) { p->reader_end.close(errc::closed_pipe); }) {}

std::size_t pipe_reader::read(bytes to) {
  return or_throw("read", [&](std::error_code& e) { return read(to, e); });
}
std::size_t pipe_reader::read(bytes to, std::error_code& error) { return state_->read(to, error); }
void pipe_reader::close() { close_with_error({}); }
void pipe_reader::close(std::error_code& error) {
  error.clear();
  close_with_error({});
}
void pipe_reader::close_with_error(std::error_code why) { state_->reader_end.close(why ? why : make_error_code(errc::closed_pipe)); }

pipe_writer::pipe_writer(std::shared_ptr<detail::pipe_state> s) noexcept
    : state_(std::move(s)), last_copy_(nullptr, [p = state_](void*) { p->writer_end.close({}); }) {}

std::size_t pipe_writer::write(const_bytes from) {
  return or_throw("write", [&](std::error_code& e) { return write(from, e); });
}
std::size_t pipe_writer::write(const_bytes from, std::error_code& error) { return state_->write(from, error); }
void pipe_writer::close() { close_with_error({}); }
void pipe_writer::close(std::error_code& error) {
  error.clear();
  close_with_error({});
}
void pipe_writer::close_with_error(std::error_code why) { state_->writer_end.close(why); }

pipe_ends pipe() {
  auto state = std::make_shared<detail::pipe_state>();
  return {pipe_reader(state), pipe_writer(state)};
}

}  // namespace io
} }
