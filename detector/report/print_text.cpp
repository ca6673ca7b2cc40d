#include "detector/report/print_text.hpp"

#include <cctype>
#include <cstdio>

#include "detector/report/names.hpp"
#include "detector/report/words.hpp"

namespace ravel::detector::report {

namespace {

constexpr const char* rule = "==================\n";
constexpr std::size_t most_library_frames = 2;  // in a row; more say nothing about the user's program

class printer {
 public:
  printer(const text_style& style, source_text& sources) : style_(style), sources_(sources) {}

  std::string print(const finding& f) { return f.kind == finding_kind::race ? print_race(f) : print_misuse(f); }

 private:
  std::string print_race(const finding& f) {
    const race& r = f.data_race;
    out_ += rule;
    paint("1;31", "WARNING: " + headline_of(f));
    out_ += '\n';
    add_access(r.current, "");
    add_access(r.previous, "Previous ");
    add_location(r.where, r.current.variable);
    add_creation(r.current.by);
    if (r.previous.by.id != r.current.by.id) add_creation(r.previous.by);
    paint("1", "Why it is a race: ");
    out_ += r.why_unordered + "\n\n";
    add_next(f);
    if (style_.summary) out_ += "SUMMARY: Ravel: data race " + summary(r.current) + "\n";
    return std::move(out_);
  }

  std::string print_misuse(const finding& f) {
    const misuse& m = f.wrong;
    out_ += rule;
    paint("1;31", (m.advice ? "ADVICE: " : "WARNING: ") + headline_of(f));
    out_ += '\n';
    for (const party& p : m.parties) {
      std::string line = title_of(p.who) + " " + p.doing;
      line[0] = 'G';
      paint("1;34", line + ":");
      out_ += '\n';
      add_stack(p.at, "", true);
      add_locks(p.locks);
      out_ += '\n';
    }
    for (const sync_object& o : m.objects) {
      std::string line = o.what + " at " + hex(o.address);
      line[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(line[0])));
      paint("1", line);
      out_ += (o.holder.empty() ? "" : ": " + o.holder) + "\n";
      if (o.where.kind != location_kind::unknown) add_location(o.where, "");
      else out_ += '\n';
    }
    for (const party& p : m.parties) add_creation(p.who);
    paint("1", "Why: ");
    out_ += m.why + "\n\n";
    add_next(f);
    if (style_.summary) out_ += "SUMMARY: Ravel: " + std::string(m.advice ? "advice: " : "") + join(words_of(f.kind), m.id) + summary(m) + "\n";
    return std::move(out_);
  }

  std::string summary(const misuse& m) const {
    for (const party& p : m.parties) {
      if (const frame* f = own_frame(p.at)) return " " + place(*f) + " in " + function_of(*f);
    }
    return "";
  }

  static std::string join(const std::string& a, const std::string& b) { return b.empty() ? a : a + " " + b; }

  void add_next(const finding& f) {
    const std::string program = f.program.empty() ? "PROGRAM" : f.program, arguments = f.arguments.empty() ? "" : " " + f.arguments;
    if (!f.happened.replay.empty()) {
      out_ += "Next: run this schedule again:\n  RAVEL_REPLAY='" + f.happened.replay + "' " + program + arguments + "\n" + rule;
      return;
    }
    out_ += "Next: stop at this report in a debugger, with every goroutine as it was:\n  RAVEL_OPTIONS=halt_on_error=1 gdb -ex 'break _exit' -ex run " +
            std::string(arguments.empty() ? "" : "--args ") + program + arguments + "\n";
    out_ += rule;
  }

  void paint(const char* code, const std::string& text) { out_ += style_.color ? std::string("\033[") + code + "m" + text + "\033[0m" : text; }

  std::string file_name(const std::string& file) const {
    if (!style_.strip_prefix.empty() && file.starts_with(style_.strip_prefix)) return file.substr(style_.strip_prefix.size());
    return file;
  }

  std::string place(const frame& f) const {
    if (f.line == 0) {
      if (f.module.empty()) return f.file.empty() ? "(no debug information)" : file_name(f.file);
      char offset[24];
      std::snprintf(offset, sizeof offset, "+0x%llx", static_cast<unsigned long long>(f.offset));
      return file_name(f.module) + offset;
    }
    std::string text = file_name(f.file) + ":" + std::to_string(f.line);
    if (f.column != 0) text += ":" + std::to_string(f.column);
    return text;
  }

  static std::string function_of(const frame& f) { return f.function.empty() ? "(unknown function)" : f.function; }

  std::string summary(const access& a) const {
    const frame* f = own_frame(a.at);
    return f == nullptr ? "at " + hex(a.address) : place(*f) + " in " + function_of(*f);
  }

  void add_source_line(const frame& f, const std::string& note) {
    const std::string text = sources_.line(f.file, f.line);
    if (text.empty()) return;
    std::size_t indent = 0;
    while (indent < text.size() && std::isspace(static_cast<unsigned char>(text[indent])) != 0) ++indent;
    const std::string number = std::to_string(f.line);
    out_ += "      > " + number + " | " + text.substr(indent) + "\n";
    if (f.column <= indent) return;
    out_ += "        " + std::string(number.size(), ' ') + " | " + std::string(f.column - indent - 1, ' ');
    paint("1;32", note.empty() ? "^" : "^ " + note);
    out_ += '\n';
  }

  // `note`: said under the source line of the innermost frame of the user's. Empty and no_source: none at all.
  void add_stack(const stack& s, const std::string& note, bool with_source) {
    if (s.empty()) out_ += "  (no stack)\n";
    const frame* own = with_source ? own_frame(s) : nullptr;
    for (std::size_t i = 0; i < s.size();) {
      std::size_t end = i;
      while (end < s.size() && is_library_frame(s[end])) ++end;
      if (end - i > most_library_frames) {
        add_frame(s[i], nullptr, note);
        out_ += "  ... " + std::to_string(end - i - 1) + " more frames of the C++ library\n";
        i = end;
      } else {
        add_frame(s[i], own, note);
        ++i;
      }
    }
  }
  void add_frame(const frame& f, const frame* own, const std::string& note) {
    out_ += "  " + function_of(f) + "\n      " + place(f) + "\n";
    if (&f == own) add_source_line(f, note);
  }

  void add_access(const access& a, const std::string& before) {
    std::string line = before + words_of(a);
    line[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(line[0])));
    paint("1;34", line + " by " + title_of(a.by) + ":");
    out_ += '\n';
    add_stack(a.at, a.variable, true);
    add_locks(a.locks);
    out_ += '\n';
  }

  void add_locks(const std::vector<held_lock>& locks) {
    out_ += "  Locks held: ";
    if (locks.empty()) out_ += "none\n";
    for (std::size_t i = 0; i < locks.size(); ++i) {
      const held_lock& l = locks[i];
      if (i != 0) out_ += "              ";
      out_ += l.kind + " " + hex(l.address) + (l.shared ? " (for reading)" : "");
      if (const frame* f = own_frame(l.acquired_at)) out_ += ", locked in " + function_of(*f) + " at " + place(*f);
      out_ += '\n';
    }
  }

  void add_location(const location& w, const std::string& variable) {
    paint("1", "Location: ");
    switch (w.kind) {
      case location_kind::unknown: out_ += "memory that is neither a global, nor on a stack, nor a known heap block\n\n"; return;
      case location_kind::channel: out_ += "the channel at " + hex(w.start) + "\n\n"; return;
      case location_kind::wait_group: out_ += "the wait_group at " + hex(w.start) + "\n\n"; return;
      case location_kind::stack:
        out_ += "the stack of goroutine " + std::to_string(w.goroutine_id) + (w.goroutine_id == 1 ? " (main)" : "");
        if (!w.name.empty()) out_ += ", " + bytes(w.offset) + " inside the frame of " + w.name + " (" + bytes(w.size) + ")";
        if (!variable.empty()) out_ += ", variable " + variable;
        out_ += "\n\n";
        return;
      case location_kind::global:
        out_ += "global " + short_name(w.name) + " of " + bytes(w.size) + " at " + hex(w.start) + offset(w);
        if (!w.file.empty()) out_ += ", defined at " + file_name(w.file) + ":" + std::to_string(w.line);
        out_ += "\n\n";
        return;
      case location_kind::heap:
        out_ += "heap block of " + bytes(w.size) + " at " + hex(w.start) + offset(w);
        out_ += ", allocated";
        if (w.goroutine_id != 0) out_ += " by goroutine " + std::to_string(w.goroutine_id) + (w.goroutine_id == 1 ? " (main)" : "");
        out_ += " at:\n";
        add_stack(w.allocated_at, "", false);
        out_ += '\n';
        return;
    }
  }
  static std::string offset(const location& w) { return w.offset == 0 ? "" : ", " + bytes(w.offset) + " inside"; }

  void add_creation(const goroutine& g) {
    if (g.id == 1) return;
    std::string line = title_of(g);
    line[0] = 'G';
    paint("1;34", line + (g.running ? " [running]" : " [finished]"));
    if (g.created_at.empty() && g.created_by == 0) {
      out_ += " is a thread that the program made itself, or the function of a timer.\n\n";
      return;
    }
    out_ += " created by goroutine " + std::to_string(g.created_by) + (g.created_by == 1 ? " (main)" : "") + " at:\n";
    add_stack(g.created_at, "", true);
    out_ += '\n';
  }

  const text_style& style_;
  source_text& sources_;
  std::string out_;
};

}  // namespace

std::string print_text(const finding& f, const text_style& style, source_text& sources) { return printer(style, sources).print(f); }

}  // namespace ravel::detector::report
