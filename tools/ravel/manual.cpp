// ravel manual: man pages in roff, from the rows of commands, options and exit statuses.

#include <cstdio>
#include <string_view>

#include "instrument/driver/own_options.hpp"
#include "tools/ravel/command.hpp"

namespace ravel::tools {

namespace {

// Backslashes and hyphens mean something to roff, and so does a dot or quote that begins a line.
std::string roff(std::string_view text) {
  std::string out = !text.empty() && (text.front() == '.' || text.front() == '\'') ? "\\&" : "";
  for (const char c : text) {
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else out += c;
  }
  return out;
}

void begin(const char* name, const char* section, const char* sentence) {
  std::printf(".TH %s %s \"\" Ravel Ravel\n.SH NAME\n%s \\- %s\n", roff(name).c_str(), section, roff(name).c_str(), roff(sentence).c_str());
}

void entry(const std::string& bold, const std::string& rest, const char* sentence) {
  std::printf(".TP\n\\fB%s\\fR%s\n%s\n", roff(bold).c_str(), rest.empty() ? "" : (" \\fI" + roff(rest) + "\\fR").c_str(), roff(sentence).c_str());
}

void exit_status_section() {
  std::puts(".SH EXIT STATUS");
  for (const exit_status_row& s : exit_statuses()) entry(std::to_string(s.status), "", s.sentence);
}

void page_of_ravel() {
  begin("ravel", "1", "tests concurrent programs and looks at what was found");
  std::puts(".SH SYNOPSIS\n\\fBravel\\fR \\fICOMMAND\\fR ...\n.SH COMMANDS");
  for (const command& c : all_commands()) {
    std::printf(".SS %s\n\\fBravel %s\\fR \\fI%s\\fR\n.PP\n%s\n", c.name, c.name, roff(c.arguments).c_str(), roff(c.sentence).c_str());
    for (const option_row& o : c.options) entry(o.name, o.value, o.sentence);
  }
  exit_status_section();
  std::puts(".SH SEE ALSO\nravel++(1), ravel\\-options(7)");
}

void page_of_compiler() {
  begin("ravel++", "1", "clang++ for programs that use Ravel, with its race detector");
  std::puts(".SH SYNOPSIS\n\\fBravel++\\fR [\\fB\\-race\\fR] [\\fIclang++ options\\fR] \\fIfiles\\fR\n.SH OPTIONS\nEvery option of clang++(1), and:");
  for (const driver::own_option& o : driver::own_options) entry(o.name, "", o.sentence);
  std::puts(".SH ENVIRONMENT");
  for (const driver::own_option& o : driver::own_environment) entry(o.name, "", o.sentence);
  std::puts(".SH EXIT STATUS\nThat of clang++; 2, after one line, when the command line or the installation is wrong.\n.SH SEE ALSO\nravel(1), ravel\\-options(7)");
}

void page_of_options() {
  begin("ravel-options", "7", "RAVEL_OPTIONS of programs built with ravel++ -race");
  std::puts(".SH SYNOPSIS\n\\fBRAVEL_OPTIONS=\\fR\"\\fIname\\fR=\\fIvalue name\\fR=\\fIvalue\\fR\" \\fIprogram\\fR\n.SH OPTIONS");
#define RAVEL_OPTION(type, name, otherwise, sentence) entry(#name, #type ", " #otherwise " when not given", sentence);
#include "detector/report/options.def"
#undef RAVEL_OPTION
  exit_status_section();
  std::puts(".SH SEE ALSO\nravel(1), ravel++(1)");
}

}  // namespace

int run_manual(const words& given) {
  const std::string page = given.size() == 1 ? given[0] : "";
  if (page == "ravel") page_of_ravel();
  else if (page == "ravel++") page_of_compiler();
  else if (page == "ravel-options") page_of_options();
  else throw refused("which page? ravel manual ravel, ravel++ or ravel-options");
  return 0;
}

}  // namespace ravel::tools
