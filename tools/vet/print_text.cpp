#include "tools/vet/printers.hpp"

namespace ravel::tools::vet {

namespace {

using ravel::vet::place;

void print_place(std::string& out, const place& p, const char* kind, const std::string& text) {
  out += p.file + ":" + std::to_string(p.line) + ":" + std::to_string(p.column) + ": " + kind + ": " + text + "\n";
  if (p.source.empty()) return;
  std::string number = std::to_string(p.line);
  number.insert(0, number.size() < 5 ? 5 - number.size() : 0, ' ');
  out += number + " | " + p.source + "\n" + std::string(number.size(), ' ') + " | ";
  // Tabs stay, so that the caret stands below its character.
  for (unsigned i = 0; i + 1 < p.column && i < p.source.size(); ++i) out += p.source[i] == '\t' ? '\t' : ' ';
  out += "^\n";
}

}  // namespace

std::string print_text(std::span<const finding> findings) {
  std::string out;
  for (const finding& f : findings) {
    print_place(out, f.where, "warning", f.message + " [" + f.check + "]");
    for (const auto& n : f.notes) print_place(out, n.where, "note", n.text);
  }
  if (!findings.empty()) out += std::to_string(findings.size()) + (findings.size() == 1 ? " finding\n" : " findings\n");
  return out;
}

}  // namespace ravel::tools::vet
