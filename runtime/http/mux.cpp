// Go 1.22's ServeMux: a tree by host, method and the segments of the path (routing_tree.go). Of the patterns that match, the first one met in
// the order literal, wildcard, rest is the most specific one, since handle refuses two that overlap otherwise.

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>

#include "runtime/http/pattern.hpp"
#include "runtime/http/url.hpp"
#include "runtime/include/ravel/http.hpp"
#include "runtime/include/ravel/sync.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace http {

using namespace http_text;

namespace {

struct entry final : ravel::detail::counted {
  http_text::pattern pattern;
  handler serve;
  entry(http_text::pattern p, handler h) : pattern(std::move(p)), serve(std::move(h)) {}
};
using found = ravel::detail::counted_ptr<const entry>;

struct node {
  std::map<std::string, node, std::less<>> literals;
  std::unique_ptr<node> wildcard;
  found rest, here;
};

// `path` is as it was sent, and begins with '/' or is empty. Values are in the order of the pattern's wildcards.
found find(const node& n, std::string_view path, std::vector<std::string>& values) {
  if (path.empty()) return n.here;
  const std::size_t end = path == "/" ? 1 : std::min(path.find('/', 1), path.size());
  const std::string part = path == "/" ? "/" : decode_path(path.substr(1, end - 1)).value_or(std::string(path.substr(1, end - 1)));
  const std::size_t values_before = values.size();
  if (const auto child = n.literals.find(part); child != n.literals.end() && (part != "/" || path == "/")) {
    if (found f = find(child->second, path.substr(end), values)) return f;
  }
  if (path != "/" && n.wildcard) {
    values.push_back(part);
    if (found f = find(*n.wildcard, path.substr(end), values)) return f;
  }
  values.resize(values_before);
  if (n.rest && !n.rest->pattern.segments.back().text.empty()) values.push_back(decode_path(path.substr(1)).value_or(std::string(path.substr(1))));
  return n.rest;
}

// Whether no {name...} and no slash at the end stands for more than nothing.
bool is_exact(const found& f, std::string_view path) {
  if (!f) return false;
  if (!f->pattern.takes_rest()) return true;
  return path.ends_with('/') && f->pattern.segments.size() == static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
}

std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  return colon == host.npos || host.find(']', colon) != host.npos ? host : host.substr(0, colon);
}

}  // namespace

struct serve_mux::state final : ravel::detail::counted {
  using methods = std::map<std::string, node, std::less<>>;  // "": any

  mutable rw_mutex lock;
  std::vector<found> all;
  std::map<std::string, methods, std::less<>> hosts;         // "": any

  static found in(const methods& m, std::string_view method, std::string_view path, std::vector<std::string>& values) {
    for (std::string_view tried : {method, method == "HEAD" ? std::string_view("GET") : method, std::string_view()}) {
      values.clear();
      if (const auto tree = m.find(tried); tree != m.end()) {
        if (found f = find(tree->second, path, values)) return f;
      }
    }
    return {};
  }

  found match(std::string_view host, std::string_view method, std::string_view path, std::vector<std::string>& values) const {
    for (std::string_view tried : {host, std::string_view()}) {
      if (const auto m = hosts.find(tried); m != hosts.end()) {
        if (found f = in(m->second, method, path, values)) return f;
      }
    }
    return {};
  }

  std::string allowed(std::string_view host, std::string_view path) const {
    std::vector<std::string> names, ignored;
    for (std::string_view tried : {host, std::string_view()}) {
      const auto m = hosts.find(tried);
      if (m == hosts.end()) continue;
      for (const auto& [method, tree] : m->second) {
        if (method.empty() || !find(tree, path, ignored)) continue;
        names.push_back(method);
        if (method == "GET") names.emplace_back("HEAD");
      }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string list;
    for (const std::string& n : names) list += (list.empty() ? "" : ", ") + n;
    return list;
  }
};

serve_mux::serve_mux() : state_(new state) {}

void serve_mux::handle(std::string_view text, handler h) {
  if (!h) throw panic_error("http: nil handler");
  const found added(new entry(parse_pattern(text), std::move(h)));
  const http_text::pattern& p = added->pattern;
  const std::lock_guard hold(state_->lock);
  for (const auto& other : state_->all) {
    if (other->pattern.host != p.host) continue;
    const relation r = compare(p, other->pattern);
    if (r != relation::equivalent && r != relation::overlaps) continue;
    throw panic_error("http: pattern \"" + p.written + "\" conflicts with pattern \"" + other->pattern.written + "\": " +
                      (r == relation::equivalent ? "they match the same requests" : "each matches requests that the other does not"));
  }
  node* n = &state_->hosts[p.host][p.method];
  for (const segment& s : p.segments) {
    if (s.is == segment::kind::rest) {
      n->rest = added;
    } else if (s.is == segment::kind::literal) {
      n = &n->literals[s.text];
    } else {
      if (!n->wildcard) n->wildcard = std::make_unique<node>();
      n = n->wildcard.get();
    }
  }
  if (!p.takes_rest()) n->here = added;
  state_->all.push_back(added);
}

void serve_mux::operator()(response_writer& w, request& r) const {
  std::string_view sent = r.target.empty() ? std::string_view(r.path) : std::string_view(r.target).substr(0, r.target.find('?'));
  if (!sent.starts_with('/') || (sent.find('%') == sent.npos && sent != r.path)) sent = r.path;  // another handler has changed the path
  const std::string encoded = sent.data() == r.path.data() && r.path.find('%') != r.path.npos ? encode_path(r.path) : std::string(sent);
  const bool connects = r.method == "CONNECT";
  const std::string path = connects ? encoded : clean_path(encoded);
  const std::string_view host = without_port(r.host);

  std::vector<std::string> values;
  found f;
  std::string allowed;
  std::optional<std::string> elsewhere;
  {
    const std::shared_lock hold(state_->lock);
    f = state_->match(host, r.method, path, values);
    if (!connects && !is_exact(f, path) && !path.ends_with('/')) {
      std::vector<std::string> ignored;
      if (is_exact(state_->match(host, r.method, path + "/", ignored), path + "/")) elsewhere = path + "/";
    }
    if (!elsewhere && path != encoded) elsewhere = path;
    if (!f && !elsewhere) allowed = state_->allowed(host, path);
  }
  if (elsewhere) return redirect(w, r, *elsewhere + (r.query.empty() ? "" : "?" + r.query.raw()), 301);
  if (!f && !allowed.empty()) {
    w.header("Allow", allowed);
    return error(w, status_text(405), 405);
  }
  if (!f) return not_found(w, r);
  r.pattern = f->pattern.written;
  std::size_t next = 0;
  for (const segment& s : f->pattern.segments) {
    if (s.is != segment::kind::literal && !s.text.empty()) r.set_path_value(s.text, values[next++]);
  }
  f->serve(w, r);
}

serve_mux& default_serve_mux() {
  static serve_mux mux;
  return mux;
}

void handle(std::string_view pattern, handler h) { default_serve_mux().handle(pattern, std::move(h)); }

}  // namespace http
} }
