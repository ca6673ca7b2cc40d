// ravel-vet: what `ravel vet` runs. A program of its own, so that the other commands start without LLVM.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

#include "instrument/vet/vet.hpp"
#include "tools/vet/apply_fixes.hpp"
#include "tools/vet/command_line.hpp"
#include "tools/vet/look.hpp"
#include "tools/vet/printers.hpp"

namespace {

using namespace ravel::tools::vet;

enum status : int { clean = 0, has_findings = 1, bad_use = 2 };

void print_list() {
  for (const auto& c : ravel::vet::all_checks()) std::printf("%-18s %-12s %s\n", c.name, c.conditions, c.sentence);
}

std::string print(const std::vector<finding>& findings, format as) {
  if (as == format::json) return print_json(findings);
  if (as == format::text) return print_text(findings);
  std::vector<rule> rules;
  for (const auto& c : ravel::vet::all_checks()) rules.push_back({c.name, c.sentence});
  return print_sarif(findings, rules, std::filesystem::current_path());
}

void write(const std::string& text, const std::string& file) {
  if (file.empty()) {
    std::cout << text << std::flush;
    return;
  }
  std::ofstream out(file);
  if (!(out << text) || !out.flush()) throw refused(file + ": cannot be written; give a file in a folder that exists");
}

int run(const command_line& c) {
  if (c.help) return std::fputs(help_text, stdout), clean;
  ravel::vet::selection chosen;
  std::string unknown;
  if (!chosen.choose(c.checks, unknown)) throw refused("there is no check '" + unknown + "'; `ravel vet --list` lists them");
  if (c.list) return print_list(), clean;
  const std::vector<finding> findings = look(c, chosen);
  if (c.fix) {
    const unsigned mended = apply_fixes(findings);
    std::fprintf(stderr, "ravel vet: mended %u of %zu\n", mended, findings.size());
  }
  write(print(findings, c.as), c.output);
  return findings.empty() ? clean : has_findings;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse({argv + 1, argv + argc}));
  } catch (const refused& r) {
    std::fprintf(stderr, "ravel vet: %s\n", r.what());
  } catch (const std::system_error& e) {
    std::fprintf(stderr, "ravel vet: %s\n", e.what());
  }
  return bad_use;
}
