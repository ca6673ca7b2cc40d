// Which memory printf touches through its arguments.

#include "detector/race/interposed/format_arguments.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using ravel::detector::visit_format_memory;

struct touched {
  const void* memory;
  std::size_t size;
  bool written;
  bool operator==(const touched&) const = default;
};

std::vector<touched> touched_by(const char* format, ...) {
  std::vector<touched> all;
  va_list arguments;
  va_start(arguments, format);
  visit_format_memory(format, arguments, &all, [](void* context, const void* memory, std::size_t size, bool written) {
    static_cast<std::vector<touched>*>(context)->push_back({memory, size, written});
  });
  va_end(arguments);
  return all;
}

using list = std::vector<touched>;
const char* const text = "abcdef";

TEST(format_arguments, strings_are_read_with_their_terminator) { EXPECT_EQ(touched_by("%s", text), (list{{text, 7, false}})); }

TEST(format_arguments, a_precision_ends_the_read) {
  EXPECT_EQ(touched_by("%.3s", text), (list{{text, 3, false}}));
  EXPECT_EQ(touched_by("%.*s", 2, text), (list{{text, 2, false}}));
  EXPECT_EQ(touched_by("%.s", text), (list{{text, 0, false}}));
  EXPECT_EQ(touched_by("%.6s", text), (list{{text, 6, false}}));
  EXPECT_EQ(touched_by("%.7s", text), (list{{text, 7, false}}));
  EXPECT_EQ(touched_by("%.*s", -1, text), (list{{text, 7, false}}));
}

TEST(format_arguments, arguments_of_every_size_are_stepped_over) {
  EXPECT_EQ(touched_by("%d %hhd %hd %ld %lld %jd %zu %td %c %% %p %x %5.2f %Lf %-08.3e %m %s", 1, 2, 3, 4L, 5LL, std::intmax_t{6}, std::size_t{7},
                       std::ptrdiff_t{8}, 'c', text, 9, 1.0, 2.0L, 3.0, text),
            (list{{text, 7, false}}));
  EXPECT_EQ(touched_by("%*d%-*.*f%s", 5, 1, 6, 2, 1.5, text), (list{{text, 7, false}}));
}

TEST(format_arguments, more_arguments_than_registers) {
  EXPECT_EQ(touched_by("%d%d%d%d%d%d%d%d%d%f%f%f%f%f%f%f%f%f%s", 1, 2, 3, 4, 5, 6, 7, 8, 9, 1., 2., 3., 4., 5., 6., 7., 8., 9., text),
            (list{{text, 7, false}}));
}

TEST(format_arguments, the_count_is_written) {
  int n = 0;
  long long many = 0;
  signed char few = 0;
  EXPECT_EQ(touched_by("%n%lln%hhn", &n, &many, &few), (list{{&n, 4, true}, {&many, 8, true}, {&few, 1, true}}));
}

TEST(format_arguments, wide_strings) {
  const wchar_t* wide = L"abc";
  EXPECT_EQ(touched_by("%ls%S", wide, wide), (list{{wide, 16, false}, {wide, 16, false}}));
  EXPECT_EQ(touched_by("%.2ls%s", wide, text), (list{{text, 7, false}}));
}

TEST(format_arguments, null_is_no_memory) { EXPECT_EQ(touched_by("%s%s", static_cast<const char*>(nullptr), text), (list{{text, 7, false}})); }

TEST(format_arguments, what_is_not_known_ends_it) {
  EXPECT_EQ(touched_by("%2$s %1$s", text, text), list{});
  EXPECT_EQ(touched_by("%s %Y %s", text, text), (list{{text, 7, false}}));
  EXPECT_EQ(touched_by("%s %", text), (list{{text, 7, false}}));
}

}  // namespace
