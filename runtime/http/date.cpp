#include <time.h>

#include <cstdio>
#include <string>

#include "runtime/http/server_response.hpp"

namespace ravel::http_text {

namespace {

struct formatted {
  time_t second = -1;
  char text[32];
};
thread_local formatted last;

// Not inlined, so that the compiler keeps no thread's address over a switch of the caller.
[[gnu::noinline]] void append_date(std::string& out) {
  timespec now;
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  formatted& f = last;
  if (f.second != now.tv_sec) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    tm t;
    gmtime_r(&now.tv_sec, &t);
    std::snprintf(f.text, sizeof f.text, "%s, %02u %s %04u %02u:%02u:%02u GMT", days[t.tm_wday], unsigned(t.tm_mday) % 100,
                  months[t.tm_mon], unsigned(t.tm_year + 1900) % 10000, unsigned(t.tm_hour) % 100, unsigned(t.tm_min) % 100, unsigned(t.tm_sec) % 100);
    f.second = now.tv_sec;
  }
  out.append(f.text);
}

}  // namespace

void put_date(std::string& out) { append_date(out); }

}  // namespace ravel::http_text
