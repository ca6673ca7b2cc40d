#include "detector/report/sink.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

#include "detector/report/options.hpp"
#include "detector/report/output.hpp"
#include "detector/report/print_json.hpp"
#include "detector/report/print_text.hpp"
#include "detector/report/same.hpp"
#include "detector/report/source_text.hpp"
#include "detector/report/suppressions.hpp"

namespace ravel::detector::report {

namespace {

// On the heap and never freed: reports may come while globals are constructed and while they are destroyed.
struct state {
  std::mutex lock;
  std::set<std::string> seen;
  suppression_list suppressed;
  source_text sources;
  bool keeps = false;
  std::map<std::size_t, std::string> kept;
  state() {
    const std::string& path = current_options().suppressions;
    if (path.empty()) return;
    if (const std::string wrong = suppressed.load(path); !wrong.empty()) {
      write_all(STDERR_FILENO, "ravel: suppressions: " + wrong + "\n");
      ::_exit(2);
    }
  }
};
state& the_state() {
  static state& s = *new state;
  return s;
}

std::atomic<std::size_t> printed{0}, races{0}, advised{0};
int appended_to = -1;
const std::string* this_program = nullptr;
std::atomic<const std::string*> arguments_now{nullptr};  // never freed: a report may be reading them
std::atomic<listener> heard_by{nullptr};
std::atomic<void*> listener_context{nullptr};
std::atomic<void (*)(const finding&)> told_of_each{nullptr};

void add_arguments(finding& f) {
  if (const std::string* now = arguments_now.load(std::memory_order_acquire); now != nullptr && f.arguments.empty()) f.arguments = *now;
}

bool colored(const options& o, int descriptor) {
  if (o.color != "auto") return o.color == "always";
  const char* unwanted = std::getenv("NO_COLOR");
  return (unwanted == nullptr || *unwanted == '\0') && ::isatty(descriptor) == 1;
}

[[noreturn]] void end_process() {
  // Other threads may hold the lock of stdout for good; then its buffer is lost, as in any _exit.
  if (::ftrylockfile(stdout) == 0) {
    std::fflush(stdout);
    ::funlockfile(stdout);
  }
  ::_exit(current_options().exitcode);
}

void say_last_words(state& s) {
  const options& o = current_options();
  if (o.print_suppressions) write_all(STDERR_FILENO, s.suppressed.describe_used());
  if (o.verbosity >= 1) write_all(STDERR_FILENO, s.suppressed.describe_unused());
  if (const std::size_t n = submitted(); n != 0 && o.log_format == "text") {
    const std::size_t r = races.load(std::memory_order_relaxed);
    std::string found = r != 0 ? std::to_string(r) + " data race(s)" : "";
    if (n != r) found += (r != 0 ? " and " : "") + std::to_string(n - r) + (r != 0 ? " other finding(s)" : " finding(s)");
    write_all(report_descriptor(o.log_path), "Found " + found + "\n");
  }
}

}  // namespace

void listen(listener to, void* context) {
  listener_context.store(context, std::memory_order_relaxed);
  heard_by.store(to, std::memory_order_release);
}

bool listened_to() { return heard_by.load(std::memory_order_acquire) != nullptr; }

void open_report_file(const std::string& program) {
  const std::string& path = current_options().report;
  if (path.empty()) return;
  appended_to = open_to_append(path);
  if (appended_to < 0) {
    write_all(STDERR_FILENO, "ravel: RAVEL_OPTIONS: report: cannot write " + path + ": " + std::strerror(errno) + "; name a file in a folder that exists\n");
    ::_exit(2);
  }
  this_program = new std::string(program);
  write_all(appended_to, print_json_of_program(program) + "\n");
}

bool has_report_file() { return appended_to >= 0; }
void write_to_report_file(finding f) {
  if (!has_report_file()) return;
  if (f.program.empty()) f.program = *this_program;
  add_arguments(f);
  write_all(appended_to, print_json(f) + "\n");
}
void write_to_report_file(exploration e) {
  if (!has_report_file()) return;
  if (e.program.empty()) e.program = *this_program;
  write_all(appended_to, print_json(e) + "\n");
}

void runs_under(const std::string& arguments) { arguments_now.store(new std::string(arguments), std::memory_order_release); }

std::string text_of(finding f) {
  state& s = the_state();
  const std::lock_guard hold(s.lock);
  const options& o = current_options();
  add_arguments(f);
  return print_text(f, {false, o.print_summary, o.strip_path_prefix}, s.sources);
}

void submit(finding f) {
  state& s = the_state();
  const std::lock_guard hold(s.lock);
  if (const listener to = heard_by.load(std::memory_order_acquire)) {
    if (!f.wrong.advice && !s.suppressed.matches(f)) to(listener_context.load(std::memory_order_relaxed), std::move(f));
    return;
  }
  if (!s.seen.insert(key_of(f)).second || s.suppressed.matches(f)) return;
  const options& o = current_options();
  add_arguments(f);
  f.number = (f.wrong.advice ? advised : printed).fetch_add(1, std::memory_order_relaxed) + 1;
  if (f.kind == finding_kind::race) races.fetch_add(1, std::memory_order_relaxed);
  write_to_report_file(f);
  if (const auto told = told_of_each.load(std::memory_order_acquire); told && !f.wrong.advice) told(f);
  if (s.keeps && !f.wrong.advice) s.kept[f.number - 1] = print_text(f, {false, o.print_summary, o.strip_path_prefix}, s.sources);
  const int descriptor = report_descriptor(o.log_path);
  if (o.log_format == "json") {
    write_all(descriptor, print_json(f) + "\n");
  } else {
    write_all(descriptor, print_text(f, {colored(o, descriptor), o.print_summary, o.strip_path_prefix}, s.sources));
  }
  if (!o.halt_on_error || f.wrong.advice) return;
  say_last_words(s);
  end_process();
}

void tell_of_each(void (*told)(const finding& f)) { told_of_each.store(told, std::memory_order_release); }

void keep_texts() {
  state& s = the_state();
  const std::lock_guard hold(s.lock);
  s.keeps = true;
}

std::string kept_text(std::size_t number) {
  state& s = the_state();
  const std::lock_guard hold(s.lock);
  const auto found = s.kept.find(number);
  return found == s.kept.end() ? "" : found->second;
}

std::size_t submitted() { return printed.load(std::memory_order_relaxed); }

void finish() {
  state& s = the_state();
  const std::lock_guard hold(s.lock);
  say_last_words(s);
  if (submitted() != 0) end_process();
}

}  // namespace ravel::detector::report
