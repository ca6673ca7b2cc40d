// ravel report: the findings that programs have written into a file, in another form.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "detector/report/formats/formats.hpp"
#include "detector/report/output.hpp"
#include "detector/report/print_json.hpp"
#include "detector/report/print_text.hpp"
#include "detector/report/read_json.hpp"
#include "detector/report/words.hpp"
#include "tools/ravel/command.hpp"

namespace ravel::tools {

namespace {

namespace fs = std::filesystem;
using namespace detector::report;

struct request {
  std::string file, format = "text", out, root, color = "auto";
  bool root_given = false;
};

// The folder of the repository that the command is called in, else the current one.
std::string repository() {
  std::error_code ignored;
  const fs::path here = fs::current_path(ignored);
  for (fs::path at = here; !at.empty(); at = at.parent_path()) {
    if (fs::exists(at / ".git", ignored)) return at.string();
    if (at == at.root_path()) break;
  }
  return here.string();
}

bool colored(const request& r) {
  if (r.color != "auto") return r.color == "always";
  const char* unwanted = std::getenv("NO_COLOR");
  return r.out.empty() && (unwanted == nullptr || *unwanted == '\0') && ::isatty(STDOUT_FILENO) == 1;
}

std::string as_text(const report_file& file, const request& r) {
  source_text sources;
  std::string out;
  const text_style style{colored(r), true, r.root_given ? r.root + "/" : ""};
  for (const finding& f : file.findings) out += print_text(f, style, sources);
  for (const exploration& e : file.explorations) out += "Exploration by " + e.strategy + ": " + e.verdict + "\n";
  if (!file.findings.empty()) return out + "Found " + std::to_string(file.findings.size()) + " finding(s)\n";
  out += "No findings";
  for (std::size_t i = 0; i < file.programs.size(); ++i) out += (i == 0 ? " of " : ", ") + file.programs[i];
  return out + "\n";
}

std::string as_json(const report_file& file, const request&) {
  std::string out;
  for (const std::string& p : file.programs) out += print_json_of_program(p) + "\n";
  for (const finding& f : file.findings) out += print_json(f) + "\n";
  for (const exploration& e : file.explorations) out += print_json(e) + "\n";
  return out;
}

std::string as_junit(const report_file& file, const request& r) {
  source_text sources;
  return print_junit(file, r.root, sources);
}

std::string as_html(const report_file& file, const request& r) {
  source_text sources;
  return print_html(file, r.root, sources);
}

std::string as_sarif(const report_file& file, const request& r) { return print_sarif(file, r.root); }
std::string as_github(const report_file& file, const request& r) { return print_github(file, r.root); }

std::string as_perfetto(const report_file& file, const request&) { return print_perfetto(file); }
std::string as_shiviz(const report_file& file, const request&) { return print_shiviz(file); }

struct format {
  const char* name;
  std::string (*print)(const report_file& file, const request& r);
};
constexpr format formats[] = {{"text", as_text}, {"json", as_json}, {"sarif", as_sarif}, {"junit", as_junit}, {"github", as_github}, {"html", as_html},
                              {"perfetto", as_perfetto}, {"shiviz", as_shiviz}};

const format& format_of(const std::string& name) {
  std::string allowed;
  for (const format& f : formats) {
    if (name == f.name) return f;
    allowed += (allowed.empty() ? "" : ", ") + std::string(f.name);
  }
  throw refused("there is no format '" + name + "'; allowed are " + allowed);
}

bool take(const words& given, std::size_t& i, const std::string& name, std::string& value) {
  if (given[i].starts_with(name + "=") && name.starts_with("--")) {
    value = given[i].substr(name.size() + 1);
    return true;
  }
  if (given[i] != name) return false;
  if (++i == given.size()) throw refused(name + " needs a value");
  value = given[i];
  return true;
}

request parse(const words& given) {
  request r;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (take(given, i, "--format", r.format) || take(given, i, "--color", r.color) || take(given, i, "-o", r.out) || take(given, i, "--output", r.out)) continue;
    if (take(given, i, "--root", r.root)) {
      r.root_given = true;
      continue;
    }
    if (given[i].starts_with('-') && given[i] != "-") throw refused("unknown option " + given[i] + "; there are --format, -o, --root and --color");
    if (!r.file.empty()) throw refused("one file at a time: " + r.file + " or " + given[i] + "? Programs can append to the same file");
    r.file = given[i];
  }
  if (r.file.empty()) throw refused("which file? Run the program with RAVEL_OPTIONS=report=FILE, then: ravel report FILE --format=html -o report.html");
  if (r.color != "auto" && r.color != "always" && r.color != "never") throw refused("--color must be auto, always or never, not '" + r.color + "'");
  std::error_code ignored;
  if (r.file != "-" && !r.out.empty() && fs::equivalent(r.file, r.out, ignored)) throw refused("-o " + r.out + " is the report file itself; name another");
  r.root = r.root_given ? fs::absolute(r.root).lexically_normal().string() : repository();
  while (r.root.size() > 1 && r.root.ends_with('/')) r.root.pop_back();
  return r;
}

report_file read(const std::string& path) {
  if (path == "-") return read_json(std::cin, "standard input");
  std::ifstream in(path);
  if (!in) throw refused(path + ": cannot be read: " + std::strerror(errno) + "; RAVEL_OPTIONS=report=" + path + " makes a -race program write it");
  return read_json(in, path);
}

// What was there before is replaced only by the whole of what is new.
void write(const std::string& path, const std::string& text) {
  const auto fail = [&] { throw refused("cannot write " + path + ": " + std::strerror(errno) + "; name a file in a folder that exists and may be written"); };
  std::error_code ignored;
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {  // a device or a pipe
    const int out = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (out < 0) fail();
    const bool whole = write_all(out, text);
    const int why = errno;
    ::close(out);
    errno = why;
    if (!whole) fail();
    return;
  }
  const std::string unfinished = path + "." + std::to_string(::getpid()) + ".part";
  std::FILE* out = std::fopen(unfinished.c_str(), "w");
  if (out == nullptr) fail();
  bool whole = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  whole &= std::fclose(out) == 0;
  if (whole && std::rename(unfinished.c_str(), path.c_str()) == 0) return;
  const int why = errno;
  ::unlink(unfinished.c_str());
  errno = why;
  fail();
}

}  // namespace

int run_report(const words& given) {
  const request r = parse(given);
  const format& f = format_of(r.format);
  try {
    const report_file file = read(r.file);
    if (!file.note.empty()) std::fprintf(stderr, "ravel report: %s\n", file.note.c_str());
    const std::string text = f.print(file, r);
    if (!r.out.empty()) write(r.out, text);
    else if (!write_all(STDOUT_FILENO, text)) throw refused(std::string("cannot write all of it to standard output: ") + std::strerror(errno));
  } catch (const unreadable& why) {
    throw refused(why.what());
  } catch (const not_in_report& why) {
    throw refused(r.file + ": " + why.what());
  }
  return 0;
}

}  // namespace ravel::tools
