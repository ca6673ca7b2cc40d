#include "detector/explore/line.hpp"

#include <algorithm>
#include <stdexcept>

namespace ravel::detector::explore {

namespace {

// 32 letters, no digits: a number that follows is one.
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEF";

constexpr std::uint32_t begins = static_cast<std::uint32_t>(hooks::op::begin), goes_on = static_cast<std::uint32_t>(hooks::op::go_on),
                        ends = static_cast<std::uint32_t>(hooks::op::end);

std::string label(std::uint32_t l) { return {letters[l >> 10 & 31], letters[l >> 5 & 31], letters[l & 31]}; }
std::string number(std::uint32_t n) { return n == 0 ? std::string() : std::to_string(n); }

std::string write(const goroutine_name& g) { return (g.label == 0 ? "m" : label(g.label)) + number(g.nth); }

std::string write(const step_name& s) {
  if (s.label == begins) return "^";
  if (s.label == ends) return "$";
  if (s.label == goes_on) return "~" + number(s.nth);
  return label(s.label) + number(s.nth);
}

std::string write(const deviation& d) {
  switch (d.is) {
    case deviation::type::preemption:
    case deviation::type::turn: return write(d.who) + "@" + write(d.at) + ">" + write(d.then);
    case deviation::type::choice:
      return write(d.who) + "@" + write(d.at) + (d.nth == 0 ? "" : "." + std::to_string(d.nth)) + "=" + std::to_string(d.value);
    case deviation::type::numbered_switch: return "#" + std::to_string(d.nth) + ">" + std::to_string(d.value);
    case deviation::type::numbered_choice: return "#" + std::to_string(d.nth) + "=" + std::to_string(d.value);
    case deviation::type::first: return "^" + write(d.who);
    case deviation::type::order: return write(d.who) + "." + write(d.at) + "<" + write(d.then) + "." + write(d.then_at);
  }
  __builtin_unreachable();
}

class reader {
 public:
  explicit reader(std::string_view text) : whole_(text), rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void need(char c) {
    if (!take(c)) wrong(std::string("'") + c + "' is missing");
  }
  std::uint32_t read_number(bool needed) {
    std::uint64_t n = 0;
    if (needed && (rest_.empty() || rest_.front() < '0' || rest_.front() > '9')) wrong("a number is missing");
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      n = n * 10 + static_cast<std::uint64_t>(rest_.front() - '0');
      if (n > 0xFFFFFFFF) wrong("a number is too large");
      rest_.remove_prefix(1);
    }
    return static_cast<std::uint32_t>(n);
  }
  std::uint32_t read_label() {
    std::uint32_t l = 0;
    for (int i = 0; i < 3; ++i) {
      const std::size_t digit = rest_.empty() ? std::string_view::npos : letters.find(rest_.front());
      if (digit == std::string_view::npos) wrong("three letters are missing");
      l = l << 5 | static_cast<std::uint32_t>(digit);
      rest_.remove_prefix(1);
    }
    return l;
  }
  goroutine_name read_goroutine() {
    goroutine_name g;
    // A body has no ordinal: "m" stands before a sign or the end.
    const bool body = rest_.size() == 1 || (rest_.size() > 1 && std::string_view("@,.<").find(rest_[1]) != std::string_view::npos);
    if (!(body && take('m'))) g.label = read_label();
    g.nth = read_number(false);
    return g;
  }
  step_name read_step() {
    if (take('^')) return {begins, 0};
    if (take('$')) return {ends, 0};
    if (take('~')) return {goes_on, read_number(false)};
    step_name s;
    s.label = read_label();
    s.nth = read_number(false);
    return s;
  }
  char read_kind() {
    if (rest_.empty()) wrong("the kind of failure is missing");
    const char k = rest_.front();
    if (std::string_view("rdlocspav-").find(k) == std::string_view::npos) wrong(std::string("no failure is of kind '") + k + "'");
    rest_.remove_prefix(1);
    return k;
  }
  void begin_line() {
    if (rest_.substr(0, 3) != "r1:" && rest_.substr(0, 3) != "r2:") wrong("it does not begin with 'r1:' or 'r2:'");
    rest_.remove_prefix(3);
  }

  [[noreturn]] void wrong(const std::string& what) const {
    throw std::invalid_argument("'" + std::string(whole_) + "' is no schedule line: " + what + " at character " +
                                std::to_string(whole_.size() - rest_.size() + 1) + "; copy the whole line that a failure printed");
  }

 private:
  std::string_view whole_, rest_;
};

deviation read_deviation(reader& r) {
  deviation d;
  if (r.take('#')) {
    d.nth = r.read_number(true);
    d.is = r.take('>') ? deviation::type::numbered_switch : deviation::type::numbered_choice;
    if (d.is == deviation::type::numbered_choice) r.need('=');
    d.value = r.read_number(true);
    return d;
  }
  if (r.take('^')) {
    d.is = deviation::type::first;
    d.who = r.read_goroutine();
    return d;
  }
  d.who = r.read_goroutine();
  if (r.take('.')) {
    d.is = deviation::type::order;
    d.at = r.read_step();
    r.need('<');
    d.then = r.read_goroutine();
    r.need('.');
    d.then_at = r.read_step();
    return d;
  }
  r.need('@');
  d.at = r.read_step();
  if (r.take('>')) {
    d.then = r.read_goroutine();
    return d;
  }
  d.is = deviation::type::choice;
  if (r.take('.')) d.nth = r.read_number(true);
  r.need('=');
  d.value = r.read_number(true);
  return d;
}

}  // namespace

bool has_orders(const std::vector<deviation>& line) {
  return std::any_of(line.begin(), line.end(), [](const deviation& d) { return d.is == deviation::type::order || d.is == deviation::type::first; });
}

std::string write_deviation(const deviation& d) { return write(d); }

std::string write_line(const schedule_line& l) {
  std::string text = std::string(has_orders(l.deviations) ? "r2:" : "r1:") + l.kind + ":";
  if (l.network != 0) text += "%" + std::to_string(l.network);
  for (const deviation& d : l.deviations) {
    if (text.back() != ':') text += ',';
    text += write(d);
  }
  return text;
}

schedule_line read_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  reader r(text);
  r.begin_line();
  schedule_line l;
  l.kind = r.read_kind();
  r.need(':');
  if (r.take('%')) {
    l.network = r.read_number(true);
    if (l.network > hooks::network_fault::all) r.wrong("there are no such faults of the network");
    if (!r.at_end()) r.need(',');
  }
  while (!r.at_end()) {
    l.deviations.push_back(read_deviation(r));
    if (!r.at_end()) r.need(',');
  }
  return l;
}

std::uint32_t preemptions(const std::vector<deviation>& d) {
  std::uint32_t n = 0;
  for (const deviation& each : d) n += each.is == deviation::type::preemption;
  return n;
}

}  // namespace ravel::detector::explore
