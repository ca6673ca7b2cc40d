// Interfaces, and what joins readers and writers.

#include "runtime/include/ravel/io.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "runtime/io/kernel_copy.hpp"
#include "runtime/io/throwing.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace io {

using detail_of_io::or_throw;

namespace {

template <class F>
auto catching(std::error_code& error, F&& f) -> decltype(f()) {
  error.clear();
  try {
    return f();
  } catch (const std::system_error& e) {
    error = e.code();
    return decltype(f())();
  }
}

constexpr std::size_t copy_buffer = 32 << 10;

}  // namespace

std::size_t reader::read(bytes to, std::error_code& error) {
  return catching(error, [&] { return read(to); });
}
std::size_t writer::write(const_bytes from, std::error_code& error) {
  return catching(error, [&] { return write(from); });
}
void closer::close(std::error_code& error) {
  catching(error, [&] { close(); });
}

std::uint64_t copy(writer& to, reader& from) {
  return or_throw("copy", [&](std::error_code& e) { return copy(to, from, e); });
}

namespace detail {
constinit std::atomic<kernel_copier> copies_in_kernel{nullptr};
}

std::uint64_t copy(writer& to, reader& from, std::error_code& error) {
  error.clear();
  std::uint64_t copied = 0;
  const auto by_kernel = detail::copies_in_kernel.load(std::memory_order_relaxed);
  if (by_kernel != nullptr && by_kernel(to, from, std::numeric_limits<std::uint64_t>::max(), copied, error)) return copied;
  const std::unique_ptr<std::byte[]> buffer(new std::byte[copy_buffer]);
  for (;;) {
    const std::size_t n = from.read({buffer.get(), copy_buffer}, error);
    if (n == 0) return copied;
    std::error_code write_error;
    const std::size_t written = to.write({buffer.get(), n}, write_error);
    copied += written;
    if (!write_error && written != n) write_error = errc::short_write;
    if (write_error) error = write_error;
    if (error) return copied;
  }
}

std::uint64_t copy_n(writer& to, reader& from, std::uint64_t n) {
  return or_throw("copy_n", [&](std::error_code& e) { return copy_n(to, from, n, e); });
}
std::uint64_t copy_n(writer& to, reader& from, std::uint64_t n, std::error_code& error) {
  error.clear();
  std::uint64_t copied = 0;
  const auto by_kernel = detail::copies_in_kernel.load(std::memory_order_relaxed);
  if (by_kernel == nullptr || !by_kernel(to, from, n, copied, error)) {
    limit_reader part(from, n);
    copied = copy(to, part, error);
  }
  if (!error && copied != n) error = errc::unexpected_end;
  return copied;
}

std::size_t write_string(writer& to, std::string_view text) { return to.write(as_bytes(text)); }
std::size_t write_string(writer& to, std::string_view text, std::error_code& error) { return to.write(as_bytes(text), error); }

std::string read_all(reader& from) {
  return or_throw("read_all", [&](std::error_code& e) { return read_all(from, e); });
}
std::string read_all(reader& from, std::error_code& error) {
  std::string text;
  std::size_t room = 512;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + room);
    const std::size_t n = from.read({reinterpret_cast<std::byte*>(text.data()) + before, room}, error);
    text.resize(before + n);
    if (n == 0 || error) return text;
    if (n == room) room *= 2;
  }
}

std::size_t read_full(reader& from, bytes to) {
  return or_throw("read_full", [&](std::error_code& e) { return read_full(from, to, e); });
}
std::size_t read_full(reader& from, bytes to, std::error_code& error) {
  error.clear();
  std::size_t done = 0;
  while (done < to.size()) {
    const std::size_t n = from.read(to.subspan(done), error);
    done += n;
    if (error) return done;
    if (n == 0) {
      if (done != 0) error = errc::unexpected_end;
      return done;
    }
  }
  return done;
}

std::size_t limit_reader::read(bytes to) {
  return or_throw("read", [&](std::error_code& e) { return read(to, e); });
}
std::size_t limit_reader::read(bytes to, std::error_code& error) {
  error.clear();
  if (left_ == 0) return 0;
  const std::size_t n = from_.read(to.first(static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), left_))), error);
  left_ -= n;
  return n;
}

std::size_t tee_reader::read(bytes to) {
  const std::size_t n = from_.read(to);
  if (n != 0) copy_.write(to.first(n));
  return n;
}

std::size_t multi_reader::read(bytes to) {
  for (; at_ < all_.size(); ++at_) {
    if (const std::size_t n = all_[at_].get().read(to); n != 0 || to.empty()) return n;
  }
  return 0;
}

std::size_t multi_writer::write(const_bytes from) {
  for (writer& w : all_) {
    if (w.write(from) != from.size()) throw std::system_error(errc::short_write, "write");
  }
  return from.size();
}

std::size_t string_reader::read(bytes to) {
  const std::size_t n = std::min(to.size(), left());
  if (n != 0) std::memcpy(to.data(), text_.data() + at_, n);
  at_ += n;
  return n;
}

std::size_t string_writer::write(const_bytes from) {
  text_.append(as_text(from));
  return from.size();
}

writer& discard() noexcept {
  static struct : writer {
    std::size_t write(const_bytes from) override { return from.size(); }
    std::size_t write(const_bytes from, std::error_code& error) override {
      error.clear();
      return from.size();
    }
  } nothing;
  return nothing;
}

}  // namespace io
} }
