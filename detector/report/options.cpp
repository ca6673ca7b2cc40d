#include "detector/report/options.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <utility>
#include <vector>

#include "detector/report/output.hpp"

namespace ravel::detector::report {

namespace {

constexpr const char* separators = " \t\n:";

struct row {
  const char* name;
  const char* sentence;
  bool (*set)(options& values, std::string_view text);
  std::string (*show)(const options& values);
};

bool read(bool& out, std::string_view text) {
  if (text == "1" || text == "true" || text == "yes") out = true;
  else if (text == "0" || text == "false" || text == "no") out = false;
  else return false;
  return true;
}
bool read(int& out, std::string_view text) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out >= 0 && out <= 255;
}
bool read(std::string& out, std::string_view text) {
  out = text;
  return true;
}
std::string show(bool v) { return v ? "1" : "0"; }
std::string show(int v) { return std::to_string(v); }
std::string show(const std::string& v) { return v; }

constexpr row rows[] = {
#define RAVEL_OPTION(type, name, standard, sentence)                                                   \
  {#name, sentence, [](options& v, std::string_view text) { return read(v.name, text); }, \
   [](const options& v) { return show(v.name); }},
#include "detector/report/options.def"
#undef RAVEL_OPTION
};

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> last(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(last[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = last[j];
      last[j] = std::min({above + 1, last[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return last.back();
}

std::string wrong_name(std::string_view name) {
  const row* nearest = std::min_element(std::begin(rows), std::end(rows), [&](const row& a, const row& b) {
    return edit_distance(name, a.name) < edit_distance(name, b.name);
  });
  std::string text = "unknown option '" + std::string(name) + "'";
  // A third of the name may be wrong: any two short words are near each other.
  if (edit_distance(name, nearest->name) <= std::min<std::size_t>(3, name.size() / 3)) text += "; did you mean '" + std::string(nearest->name) + "'?";
  return text + " (help=1 lists all)";
}

// What the type of an option alone does not say.
std::string wrong_value(const options& v) {
  if (v.log_path.empty()) return "log_path must be stderr, stdout or the beginning of a file name, not ''";
  if (v.log_format != "text" && v.log_format != "json") return "log_format must be text or json, not '" + v.log_format + "'";
  if (v.leaks != "unreachable" && v.leaks != "exit" && v.leaks != "never") return "leaks must be unreachable, exit or never, not '" + v.leaks + "'";
  if (v.color != "auto" && v.color != "always" && v.color != "never") return "color must be auto, always or never, not '" + v.color + "'";
  return {};
}

// Takes the word help=1 out of `settings`; true when it was there.
bool take_help(std::string& settings) {
  constexpr std::string_view help = "help=1";
  const auto ends_word = [&](std::size_t at) { return at == settings.size() || std::string_view(separators).find(settings[at]) != std::string_view::npos; };
  for (std::size_t at = settings.find(help); at != settings.npos; at = settings.find(help, at + 1)) {
    if ((at != 0 && !ends_word(at - 1)) || !ends_word(at + help.size())) continue;
    settings.erase(at, help.size());
    return true;
  }
  return false;
}

options* values = nullptr;  // on the heap: needed before constructors have run and after destructors

}  // namespace

std::string parse_options(std::string_view settings, options& v) {
  while (!settings.empty()) {
    std::size_t end = std::min(settings.find_first_of(separators), settings.size());
    const std::size_t equals = settings.find('=');
    std::string_view value;
    // As the sanitizers have it: a value in quotes of either kind may hold blanks and colons.
    if (equals < end && equals + 1 < settings.size() && std::string_view("'\"").find(settings[equals + 1]) != std::string_view::npos) {
      const std::size_t closes = settings.find(settings[equals + 1], equals + 2);
      if (closes == std::string_view::npos) return "the quote after " + std::string(settings.substr(0, equals + 1)) + " is not closed";
      end = closes + 1;
      if (end < settings.size() && std::string_view(separators).find(settings[end]) == std::string_view::npos) {
        return "a blank or a colon is missing after " + std::string(settings.substr(0, end));
      }
      value = settings.substr(equals + 2, closes - equals - 2);
    } else if (equals < end) {
      value = settings.substr(equals + 1, end - equals - 1);
    }
    const std::string_view setting = settings.substr(0, end);
    settings.remove_prefix(std::min(end + 1, settings.size()));
    if (setting.empty()) continue;
    if (equals >= end) return "'" + std::string(setting) + "' is not of the form name=value (help=1 lists all)";
    const std::string_view name = setting.substr(0, equals);
    const row* r = std::find_if(std::begin(rows), std::end(rows), [&](const row& each) { return name == each.name; });
    if (r == std::end(rows)) return wrong_name(name);
    if (!r->set(v, value)) return "bad value '" + std::string(value) + "' for " + r->name + ": a number from 0 to 255 is needed, 0 or 1 for a flag";
  }
  return wrong_value(v);
}

std::string describe_options(const options& v) {
  std::string text = "RAVEL_OPTIONS=\"name=value ...\" for programs compiled with -race:\n";
  for (const row& r : rows) text += std::string("  ") + r.name + "=" + r.show(v) + "\n      " + r.sentence + "\n";
  text += "A value with blanks or colons in it stands in quotes of either kind: report='my report.jsonl'.\n";
  return text;
}

void load_options(const char* settings) {
  values = new options;
  if (settings == nullptr) return;
  std::string others = settings;
  const bool help = take_help(others);
  const std::string wrong = parse_options(others, *values);
  if (!wrong.empty()) {
    write_all(STDERR_FILENO, "ravel: RAVEL_OPTIONS: " + wrong + "\n");
    ::_exit(2);
  }
  if (!help) return;
  write_all(STDOUT_FILENO, describe_options(*values));
  ::_exit(0);
}

const options& current_options() { return *values; }

}  // namespace ravel::detector::report
