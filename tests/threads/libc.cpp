// What the C library reads, writes and orders when the program calls it: descriptors, stdio, formats, sorting.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "program.hpp"

using threads_suite::unseen_order;

RAVEL_PROGRAM(norace_through_a_pipe) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  int x = 0;
  std::thread t([&] {
    x = 1;
    REQUIRE(write(ends[1], "a", 1) == 1);
  });
  char c = 0;
  REQUIRE(read(ends[0], &c, 1) == 1 && c == 'a' && ++x == 2);
  t.join();
}

RAVEL_PROGRAM(norace_end_of_a_pipe) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  int x = 0;
  std::thread t([&] {
    x = 1;
    close(ends[1]);
  });
  char c = 0;
  REQUIRE(read(ends[0], &c, 1) == 0 && ++x == 2);
  t.join();
}

RAVEL_PROGRAM(race_through_two_pipes) {
  static int one[2], other[2];
  static int& x = threads_suite::shared_int;
  REQUIRE(pipe(one) == 0 && pipe(other) == 0 && write(other[1], "b", 1) == 1);
  unseen_order o;
  std::thread t([&] {
    x = 1;
    REQUIRE(write(one[1], "a", 1) == 1);
    o.reach(1);
  });
  o.wait_for(1);
  char c = 0;
  REQUIRE(read(other[0], &c, 1) == 1);
  x = 2;
  t.join();
}

RAVEL_PROGRAM(norace_through_a_socket_pair) {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  int x = 0;
  std::thread t([&] {
    x = 1;
    char text[] = "ab";
    iovec parts[2] = {{text, 1}, {text + 1, 1}};
    REQUIRE(writev(ends[1], parts, 2) == 2);
  });
  char c[2];
  REQUIRE(recv(ends[0], c, 2, MSG_WAITALL) == 2 && c[1] == 'b' && ++x == 2);
  t.join();
}

RAVEL_PROGRAM(norace_connect_and_accept) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  REQUIRE(bind(listener, generic, length) == 0 && getsockname(listener, generic, &length) == 0 && listen(listener, 1) == 0);
  int x = 0;
  std::thread t([&] {
    x = 1;
    const int s = socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(connect(s, generic, length) == 0);
    close(s);
  });
  const int connection = accept(listener, nullptr, nullptr);
  REQUIRE(connection >= 0 && ++x == 2);
  t.join();
}

RAVEL_PROGRAM(norace_through_an_eventfd) {
  const int e = eventfd(0, 0);
  int x = 0;
  std::thread t([&] {
    x = 1;
    eventfd_write(e, 1);
  });
  eventfd_t n = 0;
  REQUIRE(eventfd_read(e, &n) == 0 && n == 1 && ++x == 2);
  t.join();
}

RAVEL_PROGRAM(norace_files_of_two_threads) {
  const auto write_lines = [] {
    char name[] = "/tmp/ravel-thread-suite-XXXXXX";
    close(mkstemp(name));
    {
      std::ofstream f(name);
      for (int i = 0; i < 1000; ++i) f << i << '\n';
    }
    std::ifstream f(name);
    std::string line;
    int lines = 0;
    while (std::getline(f, line)) ++lines;
    unlink(name);
    REQUIRE(lines == 1000);
  };
  std::thread a(write_lines), b(write_lines);
  a.join();
  b.join();
}

RAVEL_PROGRAM(norace_printf_from_two_threads) {
  const auto print = [] {
    for (int i = 0; i < 100; ++i) std::printf("%d %s %5.2f %*d %.*s %Lf %c %zu %%\n", i, "abc", 1.5, 4, i, 2, "long", 2.0L, 'x', sizeof i);
  };
  std::thread a(print), b(print);
  a.join();
  b.join();
}

// %.3s reads three bytes and no terminator.
RAVEL_PROGRAM(norace_beside_a_precision) {
  static char text[] = {'a', 'b', 'c', 'd'};
  std::thread t([] { std::printf("%.3s\n", text); });
  text[3] = 'x';
  t.join();
}

RAVEL_PROGRAM(race_printf_of_a_string) {
  static char text[16] = "abc";
  std::thread t([] { std::printf("%d %-5ld %s\n", 1, 2L, text); });
  text[1] = 'x';
  t.join();
}

RAVEL_PROGRAM(race_snprintf_into_a_buffer) {
  static char text[16] = "abc";
  std::thread t([] { std::snprintf(text, sizeof text, "%d", 5); });
  text[1] = 'x';
  t.join();
}

RAVEL_PROGRAM(norace_snprintf_writes_what_it_says) {
  static char text[16] = "abc";
  std::thread t([] { std::snprintf(text, 4, "%d", 123456); });
  text[4] = 'x';
  t.join();
}

RAVEL_PROGRAM(race_write_of_a_buffer) {
  static char text[16] = "abc";
  std::thread t([] { REQUIRE(write(STDOUT_FILENO, text, 3) == 3); });
  text[1] = 'x';
  t.join();
}

RAVEL_PROGRAM(race_read_into_a_buffer) {
  static int ends[2];
  static char text[16];
  REQUIRE(pipe(ends) == 0 && write(ends[1], "abc", 3) == 3);
  std::thread t([] { REQUIRE(read(ends[0], text, 3) == 3); });
  text[1] = 'x';
  t.join();
}

RAVEL_PROGRAM(norace_beyond_what_read_got) {
  static int ends[2];
  static char text[16];
  REQUIRE(pipe(ends) == 0 && write(ends[1], "abc", 3) == 3);
  std::thread t([] { REQUIRE(read(ends[0], text, sizeof text) == 3); });
  text[3] = 'x';
  t.join();
}

RAVEL_PROGRAM(race_fread_into_a_buffer) {
  static char text[16];
  static std::FILE* zeros = std::fopen("/dev/zero", "r");
  std::thread t([] { REQUIRE(std::fread(text, 1, 3, zeros) == 3); });
  text[1] = 'x';
  t.join();
}

RAVEL_PROGRAM(race_qsort_against_a_read) {
  static int values[] = {3, 2, 1};
  const auto compare = [](const void* a, const void* b) { return *static_cast<const int*>(a) - *static_cast<const int*>(b); };
  std::thread t([=] { std::qsort(values, 3, sizeof values[0], compare); });
  REQUIRE(values[1] == 2);
  t.join();
}

RAVEL_PROGRAM(race_strtol_of_a_buffer) {
  static char text[16] = "123 ";
  char* end = nullptr;
  std::thread t([] { text[2] = '4'; });
  REQUIRE(std::strtol(text, &end, 10) >= 123);
  t.join();
}

// The number ends at the blank: what lies behind it was not read.
RAVEL_PROGRAM(norace_beyond_a_number) {
  static char text[16] = "12.5 x";
  std::thread t([] { text[5] = 'y'; });
  REQUIRE(std::strtod(text, nullptr) == 12.5);
  t.join();
}

RAVEL_PROGRAM(race_strtok_writes_the_end_of_a_token) {
  static char text[16] = "one two";
  std::thread t([] { REQUIRE(text[3] != 'x'); });
  char* rest = nullptr;
  REQUIRE(std::strcmp(strtok_r(text, " ", &rest), "one") == 0);
  t.join();
}

RAVEL_PROGRAM(race_localtime_into_a_structure) {
  static tm fields;
  const time_t now = 1'000'000'000;
  std::thread t([=] { REQUIRE(localtime_r(&now, &fields) == &fields); });
  fields.tm_hour = 1;
  t.join();
}

RAVEL_PROGRAM(race_wide_copy) {
  static wchar_t text[16] = L"abc";
  std::thread t([] { wmemcpy(text, L"xyz", 3); });
  REQUIRE(text[1] != L'q');
  t.join();
}

RAVEL_PROGRAM(race_strcasecmp) {
  static char text[16] = "abc";
  std::thread t([] { text[2] = 'C'; });
  REQUIRE(strcasecmp(text, "ABC") == 0);
  t.join();
}
