// Cases of Go 1.22's documentation of ServeMux, and of the rules it names.
#include <gtest/gtest.h>

#include "runtime/http/pattern.hpp"
#include "talk.hpp"

using namespace ravel;

namespace {

// A mux whose handlers say which pattern it was, and what the wildcards stand for.
class mux_of {
 public:
  explicit mux_of(std::initializer_list<const char*> patterns) {
    for (const char* p : patterns) {
      mux_.handle(p, [](http::response_writer& w, http::request& r) {
        std::string text = r.pattern;
        for (std::string_view name : {"id", "rest", "x", "y"}) {
          if (const auto value = r.path_value(name); !value.empty()) text += " " + std::string(name) + "=" + std::string(value);
        }
        w.write(text);
      });
    }
    server_.handler = mux_;
  }

  std::string operator()(std::string_view method, std::string_view path, std::string_view host = "a") {
    const std::string answer = test::answer_to(server_, std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    const std::string status = answer.substr(9, 3);
    if (status == "200") return test::body_of(answer);
    for (std::string_view name : {"Location: ", "Allow: "}) {
      if (const std::size_t at = answer.find(name); at != answer.npos) {
        return status + " " + answer.substr(at + name.size(), answer.find('\r', at) - at - name.size());
      }
    }
    return status;
  }

 private:
  http::serve_mux mux_;
  http::server server_;
};

std::string why_refused(std::initializer_list<const char*> patterns) {
  try {
    mux_of m(patterns);
    return "";
  } catch (const panic_error& e) {
    return e.what();
  }
}

}  // namespace

TEST(http_mux, the_most_specific_pattern_wins) {
  mux_of m{"/", "/images/", "/images/thumbnails/", "/b/{x}/o/{rest...}", "GET /items/{id}", "GET /items/new", "POST /items/{id}", "example.com/", "/end/{$}"};
  EXPECT_EQ(m("GET", "/"), "/");
  EXPECT_EQ(m("GET", "/other"), "/");
  EXPECT_EQ(m("GET", "/images/a"), "/images/");
  EXPECT_EQ(m("GET", "/images/thumbnails/a"), "/images/thumbnails/");
  EXPECT_EQ(m("GET", "/b/bucket/o/a/b/c"), "/b/{x}/o/{rest...} rest=a/b/c x=bucket");
  EXPECT_EQ(m("GET", "/b/bucket/o/"), "/b/{x}/o/{rest...} x=bucket");
  EXPECT_EQ(m("GET", "/items/7"), "GET /items/{id} id=7");
  EXPECT_EQ(m("GET", "/items/new"), "GET /items/new");
  EXPECT_EQ(m("POST", "/items/7"), "POST /items/{id} id=7");
  EXPECT_EQ(m("PUT", "/items/7"), "/");
  EXPECT_EQ(m("GET", "/b/a%2Fb/o/x%20y"), "/b/{x}/o/{rest...} rest=x y x=a/b");
  EXPECT_EQ(m("GET", "/items/7", "example.com"), "example.com/");
  EXPECT_EQ(m("GET", "/items/7", "example.com:8080"), "example.com/");
  EXPECT_EQ(m("GET", "/end/"), "/end/{$}");
  EXPECT_EQ(m("GET", "/end/more"), "/");
}

TEST(http_mux, get_serves_head_and_405_says_what_is_allowed) {
  mux_of m{"GET /a", "POST /a", "HEAD /b", "GET /b"};
  EXPECT_EQ(m("HEAD", "/a"), "");
  EXPECT_EQ(m("DELETE", "/a"), "405 GET, HEAD, POST");
  EXPECT_EQ(m("GET", "/c"), "404");
}

TEST(http_mux, unclean_paths_and_missing_slashes_are_redirected) {
  mux_of m{"/tree/", "/leaf", "/", "/p/{id}/sub/"};
  EXPECT_EQ(m("GET", "/tree"), "301 /tree/");
  EXPECT_EQ(m("GET", "/tree?q=1"), "301 /tree/?q=1");
  EXPECT_EQ(m("GET", "/a/../leaf"), "301 /leaf");
  EXPECT_EQ(m("GET", "//leaf"), "301 /leaf");
  EXPECT_EQ(m("GET", "/p/x/sub"), "301 /p/x/sub/");
  EXPECT_EQ(m("GET", "/leaf"), "/leaf");
}

TEST(http_mux, patterns_that_overlap_panic) {
  EXPECT_EQ(why_refused({"/a/", "/a/b", "/a/{x}", "/{$}", "HEAD /a/b", "GET /a/b"}), "");
  EXPECT_NE(why_refused({"/a", "/a"}).find("conflicts with pattern \"/a\": they match the same requests"), std::string::npos);
  EXPECT_NE(why_refused({"/{x}/a", "/a/{y}"}).find("each matches requests that the other does not"), std::string::npos);
  EXPECT_NE(why_refused({"GET /", "/a"}).find("conflicts"), std::string::npos);
  EXPECT_NE(why_refused({"/{x}", "/{y}"}).find("conflicts"), std::string::npos);
  EXPECT_EQ(why_refused({"h/{x}/a", "/a/{y}"}), "");  // a host is more specific than none
  EXPECT_EQ(why_refused({"POST /a", "GET /a"}), "");
}

TEST(http_mux, bad_patterns_panic_and_say_why) {
  for (const auto& [pattern, why] : std::initializer_list<std::pair<const char*, const char*>>{{"", "empty pattern"}, {"a", "missing /"}, {"G,T /", "invalid method"}, {"/{x", "must be whole"},
                                    {"/a{x}", "must be whole"}, {"/{}", "empty wildcard"}, {"/{x...}/a", "not at end"}, {"/{$}/a", "not at end"},
                                    {"/{x}/{x}", "duplicate"}, {"/{1}", "bad wildcard name"}, {"/a//b", "unclean"}, {"/a/../b", "unclean"}, {"{x}/", "host contains"}}) {
    EXPECT_NE(why_refused({pattern}).find(why), std::string::npos) << pattern << ": " << why_refused({pattern});
  }
}
