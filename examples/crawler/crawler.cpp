// A crawler: follows the links of a site, a bounded number of pages at a time, until all are seen or the time is over.

#include <ravel/http.hpp>
#include <ravel/ravel.hpp>

#include <chrono>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace http = ravel::http;
namespace context = ravel::context;

namespace {

struct page {
  std::string path;
  int status = 0;  // 0: could not be had
  std::vector<std::string> links = {};
};

std::vector<std::string> links_of(const std::string& html) {
  static constexpr std::string_view mark = "href=\"/";
  std::vector<std::string> found;
  for (std::size_t at = html.find(mark); at != html.npos; at = html.find(mark, at)) {
    const std::size_t begin = at + mark.size() - 1;
    const std::size_t end = html.find_first_of("\"#", begin);
    if (end == html.npos) break;
    found.push_back(html.substr(begin, end - begin));
    at = end;
  }
  return found;
}

page fetch(const context::context& ctx, const std::string& site, std::string path) {
  page p{std::move(path)};
  try {
    http::response answer = http::client().do_request(http::request("GET", site + p.path).with_context(ctx));
    p.status = answer.status;
    p.links = links_of(ravel::io::read_all(answer.body));
  } catch (const std::system_error& e) {
    std::cerr << p.path << ": " << e.what() << '\n';
  }
  return p;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: " << argv[0] << " http://HOST [PAGES-AT-A-TIME]\n";
    return 2;
  }
  const std::string site = argv[1];
  const int at_a_time = argc > 2 ? std::stoi(argv[2]) : 4;
  auto [ctx, cancel] = context::with_timeout(context::background(), std::chrono::seconds(30));

  auto paths = ravel::make_chan<std::string>();
  auto pages = ravel::make_chan<page>();
  ravel::wait_group fetchers;
  for (int i = 0; i < at_a_time; ++i) {
    fetchers.go([=, ctx = ctx] {
      for (std::string path : paths) pages << fetch(ctx, site, std::move(path));
    });
  }

  // main alone knows what has been seen: it hands out paths and takes pages, whichever is possible.
  std::map<std::string, int> seen{{"/", 0}};
  std::vector<std::string> todo{"/"};
  for (std::size_t under_way = 0; (!todo.empty() && !ctx.err()) || under_way != 0;) {
    const bool may_send = !todo.empty() && !ctx.err();
    const ravel::chan<std::string> to = may_send ? paths : ravel::chan<std::string>();  // nil: not possible now
    ravel::select(ravel::on_send(to, may_send ? todo.back() : std::string(),
                                 [&] {
                                   todo.pop_back();
                                   ++under_way;
                                 }),
                  ravel::on_recv(pages, [&](std::optional<page> p) {
                    --under_way;
                    seen[p->path] = p->status;
                    for (std::string& link : p->links) {
                      if (seen.emplace(link, 0).second) todo.push_back(std::move(link));
                    }
                  }));
  }
  paths.close();
  fetchers.wait();
  cancel();
  for (const auto& [path, status] : seen) std::cout << status << ' ' << path << '\n';
}
