#include <algorithm>

#include "runtime/http/characters.hpp"
#include "runtime/include/ravel/detail/http_headers.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace http {

using namespace http_text;

namespace {

// textproto.CanonicalMIMEHeaderKey: what is no token stays as it is.
void make_canonical(std::string& name) {
  if (!is_token(name)) return;
  bool first = true;
  for (char& c : name) {
    c = first ? upper(c) : lower(c);
    first = c == '-';
  }
}

}  // namespace

bool equal_fold(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return x == y || lower(x) == lower(y); });
}

headers::headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  for (const auto& [name, value] : fields) add(name, value);
}

const headers::field* headers::find(std::string_view name) const noexcept {
  return std::find_if(begin(), end(), [&](const field& f) { return equal_fold(f.name, name); });
}

std::string_view headers::get(std::string_view name) const noexcept {
  const field* f = find(name);
  return f != end() ? std::string_view(f->value) : std::string_view();
}

bool headers::has(std::string_view name) const noexcept { return find(name) != end(); }

std::vector<std::string_view> headers::values(std::string_view name) const {
  std::vector<std::string_view> all;
  for (const field& f : *this) {
    if (equal_fold(f.name, name)) all.push_back(f.value);
  }
  return all;
}

std::string& headers::operator[](std::string_view name) {
  if (!has(name)) add(name, {});
  return const_cast<field*>(find(name))->value;
}

void headers::set(std::string_view name, std::string_view value) {
  field* f = const_cast<field*>(find(name));
  if (f == end()) return add(name, value);
  f->value.assign(value);
  const std::string kept_name = f->name;
  const auto last = std::remove_if(fields_.begin() + (f - begin()) + 1, fields_.begin() + static_cast<std::ptrdiff_t>(count_),
                                   [&](const field& other) { return equal_fold(other.name, kept_name); });
  count_ = static_cast<std::size_t>(last - fields_.begin());
}

void headers::add(std::string_view name, std::string_view value) {
  if (count_ == fields_.size()) fields_.emplace_back();
  field& f = fields_[count_];
  f.name.assign(name);
  make_canonical(f.name);
  f.value.assign(value);
  ++count_;
}

void headers::erase(std::string_view name) {
  const std::string kept_name(name);  // it may be one of ours
  const auto last = std::remove_if(fields_.begin(), fields_.begin() + static_cast<std::ptrdiff_t>(count_),
                                   [&](const field& f) { return equal_fold(f.name, kept_name); });
  count_ = static_cast<std::size_t>(last - fields_.begin());
}

}  // namespace http
} }
