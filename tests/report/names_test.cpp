#include "detector/report/names.hpp"

#include <gtest/gtest.h>

#include "tests/report/samples.hpp"

namespace {

using namespace ravel::detector::report;
using namespace ravel::test;

TEST(short_name, says_what_people_say) {
  const struct { const char* whole; const char* expected; } rows[] = {
      {"main", "main"},
      {"bank::deposit(int)", "bank::deposit(int)"},
      {"f(std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >)", "f(std::string)"},
      {"f(std::basic_string<char, std::char_traits<char>, std::allocator<char>>)", "f(std::string)"},
      {"f(std::basic_string_view<char, std::char_traits<char> >)", "f(std::string_view)"},
      {"std::vector<int, std::allocator<int> >::push_back(int const&)", "std::vector<int>::push_back(int const&)"},
      {"std::map<int, long, std::less<int>, std::allocator<std::pair<int const, long> > >::operator[](int const&)", "std::map<int, long>::operator[](int const&)"},
      {"std::unordered_map<int, long, std::hash<int>, std::equal_to<int>, std::allocator<std::pair<int const, long>>>::clear()", "std::unordered_map<int, long>::clear()"},
      {"std::unique_ptr<bank, std::default_delete<bank> >::reset(bank*)", "std::unique_ptr<bank>::reset(bank*)"},
      {"ravel::v1_race::chan<int>::send(int)", "ravel::chan<int>::send(int)"},
      {"ravel::v1::mutex::lock()", "ravel::mutex::lock()"},
      {"(anonymous namespace)::worker()", "worker()"},
      {"name[abi:cxx11]()", "name()"},
      {"main::$_0::operator()() const", "main::{lambda#1}()"},
      {"run(int)::$_3::operator()(int) const", "run(int)::{lambda#4}(int)"},
      {"void work<int>(int)", "work<int>(int)"},
      {"std::vector<int, std::allocator<int> > make<int>()", "make<int>()"},
      {"bank::operator bool() const", "bank::operator bool() const"},
      {"bank::operator->() const", "bank::operator->() const"},
      {"bank::operator<(bank const&) const", "bank::operator<(bank const&) const"},
      {"operator<<(std::ostream&, bank const&)", "operator<<(std::ostream&, bank const&)"},
      {"", ""},
      {"broken<std::vector<int", "broken<std::vector<int"},
  };
  for (const auto& r : rows) EXPECT_EQ(short_name(r.whole), r.expected);
}

TEST(library_frame, is_of_the_c_plus_plus_library) {
  EXPECT_TRUE(is_library_frame(in_library("f()", 1)));
  EXPECT_FALSE(is_library_frame(in_bank("f()", 1, 1)));
  EXPECT_TRUE(is_library_frame(without_source("f()", "/usr/lib/libstdc++.so.6", 1)));
  EXPECT_FALSE(is_library_frame(without_source("f()", "/lib/libc.so.6", 1)));
}

TEST(own_frame, is_the_innermost_of_the_users_with_a_line) {
  const stack s{in_library("one()", 1), without_source("two()", "/lib/two.so", 1), in_bank("mine()", 5, 1), in_bank("main()", 9, 1)};
  EXPECT_EQ(own_frame(s), &s[2]);
  const stack nothing_known{without_source("two()", "/lib/two.so", 1), in_library("one()", 1)};
  EXPECT_EQ(own_frame(nothing_known), &nothing_known[0]);
  EXPECT_EQ(own_frame({}), nullptr);
}

}  // namespace
