// ravel doctor: looks at the installation, the shell and the machine. Exit status 0 when nothing is bad, 1 when something is.

#include <cstdio>
#include <filesystem>

#include "tools/doctor/checks.hpp"
#include "tools/ravel/options.hpp"

namespace ravel::tools {

namespace {

std::string own_prefix() {
  std::error_code wrong;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", wrong);
  if (wrong) throw refused("cannot read /proc/self/exe, by which ravel finds its installation: mount /proc");
  return self.parent_path().parent_path().string();
}

// How many are bad.
int look(std::span<const check> checks, const patient& p) {
  int found = 0;
  for (const check& c : checks) {
    const diagnosis d = c.look(p);
    const char* words[] = {"ok  ", "note", "BAD "};
    std::printf("%s  %s: %s\n", words[static_cast<int>(d.how)], c.name, d.what.c_str());
    if (!d.mend.empty()) std::printf("      mend: %s\n", d.mend.c_str());
    found += d.how == diagnosis::grade::bad;
  }
  return found;
}

}  // namespace

int run_doctor(const words& given) {
  words rest = given;
  patient p{own_prefix(), variable("RAVEL_CXX"), "/proc"};
  bool trial = true;
  take_options(rest, rows_of("doctor"), [&](const std::string& name, const std::string& value) {
    if (name == "--proc") p.proc = value;
    else if (name == "--no-trial") trial = false;
  });
  if (!rest.empty()) throw refused("it takes no arguments, there is '" + rest[0] + "'");
  if (p.compiler.empty()) p.compiler = RAVEL_DEFAULT_COMPILER;
  int found = 0;
  for (const auto checks : {installation_checks(), environment_checks(), machine_checks()}) found += look(checks, p);
  if (trial) found += look(trial_checks(), p);
  if (found == 0) std::puts("ravel doctor: nothing is wrong");
  else std::printf("ravel doctor: %d thing%s to mend\n", found, found == 1 ? "" : "s");
  return found == 0 ? 0 : 1;
}

}  // namespace ravel::tools
