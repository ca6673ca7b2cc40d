// What copies by the kernel are worth: a file by io::copy and through a buffer, over the loopback; one after the other, five times, medians.
// c++ with libravel; `./copy [MiB]`.
#include <ravel/net.hpp>
#include <ravel/ravel.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

using namespace ravel;

namespace {

struct ends {
  net::conn client, server;
};

ends connect() {
  net::listener l = net::listen("tcp", "127.0.0.1:0");
  ends e;
  e.client = net::dial("tcp", l.addr());
  e.server = l.accept();
  return e;
}

// Hides what it is: io::copy goes through its buffer.
struct plain final : io::reader {
  io::reader& from;
  explicit plain(io::reader& r) : from(r) {}
  std::size_t read(io::bytes to) override { return from.read(to); }
  std::size_t read(io::bytes to, std::error_code& error) override { return from.read(to, error); }
};

double processor_seconds() {
  rusage u{};
  ::getrusage(RUSAGE_SELF, &u);
  return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 1e-6 * static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

struct cost {
  double wall, processor;
};

cost measure(const std::function<void()>& f) {
  const double before = processor_seconds();
  const auto begin = std::chrono::steady_clock::now();
  f();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  return {wall.count(), processor_seconds() - before};
}

void drain(net::conn& c) {
  std::vector<std::byte> b(256 << 10);
  while (c.read(b) != 0) {}
}

// From `source` to a connection whose other end reads all.
void copy_to_connection(io::reader& source) {
  ends out = connect();
  wait_group reads;
  reads.go([&] { drain(out.server); });
  io::copy(out.client, source);
  out.client.close_write();
  reads.wait();
}

void from_file(const std::string& name, bool by_kernel) {
  io::file f = io::open(name);
  plain hidden(f);
  if (by_kernel) copy_to_connection(f);
  else copy_to_connection(hidden);
}

void row(const char* what, double mebibytes, const std::function<void(bool by_kernel)>& f) {
  std::vector<double> wall[2], processor[2];
  for (int i = 0; i < 5; ++i) {
    for (const bool by_kernel : {false, true}) {
      const cost c = measure([&] { f(by_kernel); });
      wall[by_kernel].push_back(c.wall);
      processor[by_kernel].push_back(c.processor);
    }
  }
  const auto median = [](std::vector<double>& v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
  };
  const double w[2] = {median(wall[0]), median(wall[1])}, p[2] = {median(processor[0]), median(processor[1])};
  std::printf("%-34s buffer %7.0f MiB/s %6.0f us/MiB   kernel %7.0f MiB/s %6.0f us/MiB   time %.2f  processor %.2f\n", what, mebibytes / w[0],
              1e6 * p[0] / mebibytes, mebibytes / w[1], 1e6 * p[1] / mebibytes, w[0] / w[1], p[0] / p[1]);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t mebibytes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 256;
  const std::size_t size = mebibytes << 20;
  const std::string name = "copied." + std::to_string(::getpid());
  io::write_file(name, std::string(size, 'x'));
  row("a file to a connection", static_cast<double>(mebibytes), [&](bool k) { from_file(name, k); });
  ::unlink(name.c_str());
}
