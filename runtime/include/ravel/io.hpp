#pragma once
// Package io: readers and writers, what joins them, pipes, buffers and files. All block the goroutine, never the OS thread.
//
// Errors are std::system_error; each function has an overload with a trailing std::error_code& that does not throw for them. The end of what
// can be read is no error: read returns 0. Unless said otherwise a reader or writer may be used by one goroutine at a time.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "detail/config.hpp"
#include "detail/io_error.hpp"

RAVEL_NAMESPACE_BEGIN
namespace io {

using bytes = std::span<std::byte>;
using const_bytes = std::span<const std::byte>;

inline const_bytes as_bytes(std::string_view text) noexcept { return {reinterpret_cast<const std::byte*>(text.data()), text.size()}; }
inline std::string_view as_text(const_bytes b) noexcept { return {reinterpret_cast<const char*>(b.data()), b.size()}; }

struct reader {
  virtual ~reader() = default;
  // Up to to.size() bytes, at least one, when there are any; 0: the end (or `to` is empty).
  virtual std::size_t read(bytes to) = 0;
  virtual std::size_t read(bytes to, std::error_code& error);  // unless overridden: calls the one above and catches std::system_error
};

struct writer {
  virtual ~writer() = default;
  // All of `from`, else an exception. Keeps nothing of it after its return.
  virtual std::size_t write(const_bytes from) = 0;
  virtual std::size_t write(const_bytes from, std::error_code& error);  // how much was written; less only with an error
};

struct closer {
  virtual ~closer() = default;
  virtual void close() = 0;
  virtual void close(std::error_code& error);
};

// Interfaces composed of interfaces: what is all three can be passed as any of them.
struct read_writer : virtual reader, virtual writer {};
struct read_closer : virtual reader, virtual closer {};
struct write_closer : virtual writer, virtual closer {};
struct read_write_closer : read_writer, read_closer, write_closer {};

// --- moving bytes

// Until the end of `from`; how many. From a file to a connection the kernel copies by itself (sendfile).
std::uint64_t copy(writer& to, reader& from);
std::uint64_t copy(writer& to, reader& from, std::error_code& error);

// Exactly n, else errc::unexpected_end.
std::uint64_t copy_n(writer& to, reader& from, std::uint64_t n);
std::uint64_t copy_n(writer& to, reader& from, std::uint64_t n, std::error_code& error);

std::size_t write_string(writer& to, std::string_view text);
std::size_t write_string(writer& to, std::string_view text, std::error_code& error);

std::string read_all(reader& from);
inline std::string read_all(reader&& from) { return read_all(from); }
std::string read_all(reader& from, std::error_code& error);  // what came before the error

// Fills `to`; fewer bytes only at the end, with errc::unexpected_end unless there were none at all.
std::size_t read_full(reader& from, bytes to);
std::size_t read_full(reader& from, bytes to, std::error_code& error);

// --- readers and writers made of others, which must outlive them

class limit_reader final : public reader {  // the end comes after n bytes
 public:
  limit_reader(reader& from, std::uint64_t n) noexcept : from_(from), left_(n) {}
  std::size_t read(bytes to) override;
  std::size_t read(bytes to, std::error_code& error) override;
  std::uint64_t left() const noexcept { return left_; }

 private:
  reader& from_;
  std::uint64_t left_;
};

class tee_reader final : public reader {  // writes to `copy` what is read
 public:
  tee_reader(reader& from, writer& copy) noexcept : from_(from), copy_(copy) {}
  std::size_t read(bytes to) override;

 private:
  reader& from_;
  writer& copy_;
};

class multi_reader final : public reader {  // one after the other
 public:
  explicit multi_reader(std::vector<std::reference_wrapper<reader>> all) : all_(std::move(all)) {}
  std::size_t read(bytes to) override;

 private:
  std::vector<std::reference_wrapper<reader>> all_;
  std::size_t at_ = 0;
};

class multi_writer final : public writer {  // each gets everything; stops at the first error
 public:
  explicit multi_writer(std::vector<std::reference_wrapper<writer>> all) : all_(std::move(all)) {}
  std::size_t write(const_bytes from) override;

 private:
  std::vector<std::reference_wrapper<writer>> all_;
};

class string_reader final : public reader {  // of its own copy
 public:
  explicit string_reader(std::string text) : text_(std::move(text)) {}
  std::size_t read(bytes to) override;
  std::size_t left() const noexcept { return text_.size() - at_; }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

class string_writer final : public writer {
 public:
  std::size_t write(const_bytes from) override;
  const std::string& text() const& noexcept { return text_; }
  std::string text() && noexcept { return std::move(text_); }

 private:
  std::string text_;
};

writer& discard() noexcept;  // takes everything and keeps nothing; any goroutine

// --- buffers

class buffered_reader final : public reader {
 public:
  explicit buffered_reader(reader& from, std::size_t size = 4096);
  std::size_t read(bytes to) override;
  std::size_t read(bytes to, std::error_code& error) override;

  // Up to n bytes without taking them; fewer only at the end, or when n is more than the buffer holds. Valid until the next call.
  std::string_view peek(std::size_t n);
  std::string_view peek(std::size_t n, std::error_code& error);
  // Up to and with `end`. False: the end came first; `text` has what was before it.
  bool read_until(char end, std::string& text);
  // The next line without its end ("\n" or "\r\n"). False: no more lines.
  bool read_line(std::string& line);
  std::size_t buffered() const noexcept { return end_ - begin_; }

 private:
  bool fill(std::error_code& error);  // more than before; false: the end, or no room

  reader& from_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

class buffered_writer final : public writer {  // flush writes what is left; the destructor does not
 public:
  explicit buffered_writer(writer& to, std::size_t size = 4096);
  std::size_t write(const_bytes from) override;
  std::size_t write(const_bytes from, std::error_code& error) override;
  void flush();
  void flush(std::error_code& error);
  std::size_t buffered() const noexcept { return buffer_.size(); }

 private:
  writer& to_;
  std::vector<std::byte> buffer_;
  std::size_t size_;
};

// --- pipe

namespace detail {
struct pipe_state;
struct file_access;
}  // namespace detail

// io.Pipe: a write waits until readers have taken all of it, or until the reader is closed (errc::closed_pipe). Any goroutines may use both ends
// at a time; what came before a write happens before what follows the read that gets it. An end is closed when its last copy is gone.
class pipe_reader final : public read_closer {
 public:
  explicit pipe_reader(std::shared_ptr<detail::pipe_state> s) noexcept;
  std::size_t read(bytes to) override;
  std::size_t read(bytes to, std::error_code& error) override;
  void close() override;
  void close(std::error_code& error) override;
  void close_with_error(std::error_code why);  // what writers fail with from now on

 private:
  std::shared_ptr<detail::pipe_state> state_;
  std::shared_ptr<void> last_copy_;
};
class pipe_writer final : public write_closer {
 public:
  explicit pipe_writer(std::shared_ptr<detail::pipe_state> s) noexcept;
  std::size_t write(const_bytes from) override;
  std::size_t write(const_bytes from, std::error_code& error) override;
  void close() override;
  void close(std::error_code& error) override;
  void close_with_error(std::error_code why);  // what readers fail with once they have read all

 private:
  std::shared_ptr<detail::pipe_state> state_;
  std::shared_ptr<void> last_copy_;
};
struct pipe_ends {
  pipe_reader in;
  pipe_writer out;
};
pipe_ends pipe();

// --- files: the thread may block, its processor runs others meanwhile

// Copies are one file; it is closed when the last is gone. Reads and writes of several goroutines are whole, in some order. close waits for nobody:
// a read that waits in the system (of a terminal, a FIFO) goes on, and the number is closed after it.
class file final : public read_write_closer {
 public:
  file() noexcept = default;
  explicit file(int descriptor, std::string name = {});  // closes it in the end

  std::size_t read(bytes to) override;
  std::size_t read(bytes to, std::error_code& error) override;
  std::size_t write(const_bytes from) override;
  std::size_t write(const_bytes from, std::error_code& error) override;
  void close() override;
  void close(std::error_code& error) override;

  enum class from { begin, current, end };
  std::int64_t seek(std::int64_t offset, from whence = from::begin);  // the new position
  std::int64_t seek(std::int64_t offset, from whence, std::error_code& error);
  std::int64_t size();
  void sync();              // everything written is on the disk

  int descriptor() const noexcept;  // -1: none, or closed
  const std::string& name() const noexcept;
  explicit operator bool() const noexcept { return descriptor() >= 0; }

 private:
  friend struct detail::file_access;
  struct shared;
  std::shared_ptr<shared> shared_;
};

file open(const std::string& name);                           // for reading
file open(const std::string& name, std::error_code& error);
file create(const std::string& name);                         // for reading and writing, empty, mode 0666 less the umask
file create(const std::string& name, std::error_code& error);
file open_append(const std::string& name);                    // for writing at the end, made if need be
file open_append(const std::string& name, std::error_code& error);
std::string read_file(const std::string& name);
void write_file(const std::string& name, std::string_view text);

file& std_in();
file& std_out();  // unbuffered: no write is lost, lines of several goroutines stay whole
file& std_err();

}  // namespace io
RAVEL_NAMESPACE_END
