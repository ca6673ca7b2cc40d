// Variables of the shell that make Ravel do something else than one thinks.

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <sstream>

#include "tools/doctor/checks.hpp"

namespace ravel::tools {

namespace {

// By inode, since paths may differ by links.
bool same_file(const std::string& a, const std::string& b) {
  struct stat one{}, two{};
  return ::stat(a.c_str(), &one) == 0 && ::stat(b.c_str(), &two) == 0 && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

diagnosis path(const patient& p) {
  std::istringstream folders(variable("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string first = folder + "/ravel++";
    if (::access(first.c_str(), X_OK) != 0) continue;
    if (same_file(first, p.prefix + "/bin/ravel++")) return fine("`ravel++` is " + first);
    return bad("`ravel++` is " + first + ", of another Ravel than this one in " + p.prefix, "put " + p.prefix + "/bin before it in PATH, or remove the other");
  }
  return note("`ravel++` is not found by its name", "export PATH=" + p.prefix + "/bin:$PATH");
}

diagnosis other_headers(const patient& p) {
  for (const char* name : {"CPATH", "CPLUS_INCLUDE_PATH"}) {
    std::istringstream folders(variable(name));
    for (std::string folder; std::getline(folders, folder, ':');) {
      const std::string header = folder + "/ravel/ravel.hpp";
      if (readable(header) && !same_file(header, p.prefix + "/include/ravel/ravel.hpp")) {
        return bad(std::string(name) + " leads to the headers of another Ravel, in " + folder, "unset " + std::string(name) + ", or take " + folder + " out of it");
      }
    }
  }
  return fine("no headers of another Ravel before these");
}

diagnosis options(const patient&) {
  // The detector's own reader says what is wrong: by a program of one line, in the trial. Here only what needs no program.
  const std::string text = variable("RAVEL_OPTIONS");
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, text.find(' ') != std::string::npos ? ' ' : ':');) {
    if (word.rfind("suppressions=", 0) == 0 && !readable(word.substr(13))) {
      return bad("RAVEL_OPTIONS names a file of suppressions that cannot be read: " + word.substr(13), "give the whole path, or leave suppressions= out of RAVEL_OPTIONS");
    }
    if (!word.empty() && word.find('=') == std::string::npos) {
      return bad("RAVEL_OPTIONS has '" + word + "', which is no name=value", "RAVEL_OPTIONS=help=1 before a -race program lists the options");
    }
  }
  return fine(text.empty() ? "RAVEL_OPTIONS is not set" : "RAVEL_OPTIONS=" + text);
}

diagnosis schedules(const patient&) {
  for (const char* name : {"RAVEL_SCHEDULES", "RAVEL_SEED", "RAVEL_SHARD", "RAVEL_SHARDS", "RAVEL_MAXPROCS"}) {
    const std::string value = variable(name);
    if (!value.empty() && value.find_first_not_of("0123456789") != std::string::npos) return bad(std::string(name) + "=" + value + " is no number", "set it to a number, or unset " + std::string(name));
  }
  if (!variable("RAVEL_REPLAY").empty()) return bad("RAVEL_REPLAY is set: every RAVEL_TEST runs that one schedule and nothing else", "unset RAVEL_REPLAY");
  if (variable("RAVEL_SCHEDULES") == "0") return bad("RAVEL_SCHEDULES=0: no RAVEL_TEST is explored", "unset RAVEL_SCHEDULES");
  std::string set;
  for (const char* name : {"RAVEL_SCHEDULES", "RAVEL_SEED", "RAVEL_STRATEGY", "RAVEL_NETWORK", "RAVEL_MAXPROCS"}) {
    if (!variable(name).empty()) set += std::string(set.empty() ? "" : ", ") + name + "=" + variable(name);
  }
  return fine(set.empty() ? "nothing set that changes what tests explore" : "tests run with " + set);
}

// ccache 4.7 looks at the file of -fplugin=, and not at that of -fpass-plugin=.
diagnosis compiler_cache(const patient& p) {
  bool used = false;
  for (const char* name : {"CMAKE_CXX_COMPILER_LAUNCHER", "RAVEL_CXX", "CXX"}) used = used || variable(name).find("ccache") != std::string::npos;
  if (!used) return fine("no compiler cache is set");
  if (variable("CCACHE_EXTRAFILES").find("libravel_safepoints.so") != std::string::npos) return fine("ccache looks at the plugins");
  return note("ccache does not look at libravel_safepoints.so: plain objects may be of an older Ravel",
              "export CCACHE_EXTRAFILES=" + p.prefix + "/lib/ravel/libravel_safepoints.so");
}

diagnosis preloaded(const patient&) {
  const std::string text = variable("LD_PRELOAD");
  for (const char* other : {"libasan", "libtsan", "libubsan", "libclang_rt", "valgrind"}) {
    if (text.find(other) != std::string::npos) return bad("LD_PRELOAD=" + text + " is a checker of its own, with shadow memory where the detector's is", "unset LD_PRELOAD");
  }
  return fine(text.empty() ? "nothing is preloaded" : "LD_PRELOAD=" + text);
}

diagnosis temporary_files(const patient&) {
  const std::string set = variable("TMPDIR"), folder = set.empty() ? "/tmp" : set;
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return bad("the folder for temporary files, " + folder + ", cannot be written to: the compiler needs it", "make it, or set TMPDIR to one that is there");
  struct statvfs mounted{};
  if (::statvfs(folder.c_str(), &mounted) == 0 && (mounted.f_flag & ST_NOEXEC) != 0) {
    return bad("programs in " + folder + " may not be run (it is mounted noexec), so neither can the trial below", "set TMPDIR to a folder of another mount");
  }
  return fine("temporary files in " + folder);
}

constexpr check checks[] = {
    {"path", path},         {"other headers", other_headers}, {"RAVEL_OPTIONS", options},  {"tests", schedules},
    {"ccache", compiler_cache}, {"LD_PRELOAD", preloaded},        {"temporary files", temporary_files},
};

}  // namespace

std::span<const check> environment_checks() { return checks; }

}  // namespace ravel::tools
