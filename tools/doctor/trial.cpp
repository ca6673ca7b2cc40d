// The proof of the pudding: a program with a race is built and run.

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tools/doctor/checks.hpp"

namespace ravel::tools {

namespace {

constexpr const char* racy =
    "#include <ravel/ravel.hpp>\n"
    "int n;\n"
    "int main() {\n"
    "  ravel::wait_group both;\n"
    "  for (int i = 0; i < 2; ++i) both.go([] { ++n; });\n"
    "  both.wait();\n"
    "}\n";

// The folder is gone at the end of the scope.
struct scratch {
  scratch() {
    std::string text = (std::filesystem::temp_directory_path() / "ravel-doctor-XXXXXX").string();
    if (::mkdtemp(text.data()) != nullptr) path = text;
  }
  ~scratch() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "it said nothing";
  const std::size_t begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1, end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

diagnosis try_out(const patient& p, bool race) {
  const scratch folder;
  if (folder.path.empty()) return bad("no folder for a trial can be made in TMPDIR", "set TMPDIR to a folder that can be written to");
  std::ofstream(folder.path + "/trial.cpp") << racy;
  const std::string in = "cd " + quoted(folder.path) + " && ";
  const said built = ask(in + quoted(p.prefix + "/bin/ravel++") + (race ? " -race" : "") + " trial.cpp -o trial");
  if (built.status != 0) return bad("a program of seven lines does not build: " + error_in(built.text), "`ravel++" + std::string(race ? " -race" : "") + "` on a file of yours says more");
  const said ran = ask(in + "./trial");
  const bool reported = ran.text.find("DATA RACE") != std::string::npos;
  if (!race) return ran.status == 0 ? fine("a plain program builds and runs") : bad("a plain program ends with status " + std::to_string(ran.status) + ": " + last_line(ran.text), "see the line above");
  if (reported) return fine("a -race program builds and its race is reported");
  if (ran.text.rfind("ravel: RAVEL_OPTIONS: ", 0) == 0) return bad(last_line(ran.text).substr(7), "mend or unset RAVEL_OPTIONS");
  const std::string options = variable("RAVEL_OPTIONS");
  if (options.find("log_path") != std::string::npos || options.find("log_format") != std::string::npos || options.find("suppressions") != std::string::npos) {
    return note("a -race program builds; where its report went RAVEL_OPTIONS says", "unset RAVEL_OPTIONS to have it tried whole");
  }
  return bad("a -race program ends with status " + std::to_string(ran.status) + " and no report of its race: " + last_line(ran.text), "if nothing above is bad, this is a bug of Ravel's: report that line");
}

diagnosis plain(const patient& p) { return try_out(p, false); }
diagnosis race(const patient& p) { return try_out(p, true); }

constexpr check checks[] = {{"plain program", plain}, {"-race program", race}};

}  // namespace

std::span<const check> trial_checks() { return checks; }

}  // namespace ravel::tools
