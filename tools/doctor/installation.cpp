// Parts of the installation that are missing or do not belong together, and the compiler.

#include <cstdlib>

#include "tools/doctor/checks.hpp"

namespace ravel::tools {

namespace {

const char* const install_again = "install Ravel again, whole: cmake --install BUILD --prefix PREFIX, or the package ravel";

diagnosis parts(const patient& p) {
  for (const char* part : {"/bin/ravel++", "/lib/ravel/libravel_plugin.so", "/lib/ravel/libravel_safepoints.so", "/lib/libravel.a", "/lib/libravel_race.a",
                           "/include/ravel/ravel.hpp", "/lib/ravel/include/ravel/ravel.hpp"}) {
    if (!readable(p.prefix + part)) return bad(p.prefix + part + " is missing", install_again);
  }
  return fine("all parts under " + p.prefix);
}

// Where one thing is missing, others cannot be looked at: their remedies would lead astray.
diagnosis not_looked_at(const char* what, const char* without) { return note(std::string(what) + " not looked at, for want of " + without, "mend that first"); }

diagnosis compiler(const patient& p) {
  const bool chosen = !variable("RAVEL_CXX").empty();
  const said version = ask(quoted(p.compiler) + " --version");
  const std::string who = (chosen ? "RAVEL_CXX=" : "") + p.compiler;
  if (version.status != 0) {
    return bad(who + " cannot be run", chosen ? "set RAVEL_CXX to the path of clang++-19, or unset it" : "apt-get install clang-19, or set RAVEL_CXX to the path of clang++-19");
  }
  const std::string line = version.text.substr(0, version.text.find('\n'));
  if (line.find("clang version 19.") == std::string::npos) {
    return bad(who + " is '" + line + "', the plugin is for clang 19", chosen ? "set RAVEL_CXX to the path of clang++-19, or unset it" : "apt-get install clang-19");
  }
  return fine(line + " at " + p.compiler);
}

// Of a file that names the version of the interface between instrumented code and detector: its number, -1 when there is none.
int interface_version(const std::string& path) {
  const std::string bytes = bytes_of(path), name = "__ravel_abi_version_";
  const std::size_t at = bytes.find(name);
  return at == std::string::npos ? -1 : std::atoi(bytes.c_str() + at + name.size());
}

diagnosis plugin_and_library(const patient& p) {
  if (!readable(p.prefix + "/lib/ravel/libravel_plugin.so") || !readable(p.prefix + "/lib/libravel_race.a")) return not_looked_at("the interface is", "both parts");
  const int plugin = interface_version(p.prefix + "/lib/ravel/libravel_plugin.so"), library = interface_version(p.prefix + "/lib/libravel_race.a");
  if (library < 0) return bad("lib/libravel_race.a is no library of the detector: it may be cut off or another's", install_again);
  if (plugin < 0) return bad("lib/ravel/libravel_plugin.so is no plugin of Ravel's: it may be cut off", install_again);
  if (plugin != library) {
    return bad("the plugin makes code for version " + std::to_string(plugin) + " of the detector's interface, lib/libravel_race.a has version " + std::to_string(library),
               "they are of two Ravels: " + std::string(install_again));
  }
  return fine("plugin and library agree on version " + std::to_string(plugin) + " of their interface");
}

// A plugin is loaded by the compiler it was built for and by no other, and one that is cut off by none.
diagnosis plugin_loads(const patient& p) {
  if (compiler(p).how == diagnosis::grade::bad) return not_looked_at("the plugins are", "the compiler");
  for (const char* plugin : {"libravel_plugin.so", "libravel_safepoints.so"}) {
    const std::string path = p.prefix + "/lib/ravel/" + plugin;
    if (!readable(path)) return not_looked_at("the plugins are", plugin);
    const said s = ask("echo 'int x;' | " + quoted(p.compiler) + " -x c++ -c -o /dev/null -fpass-plugin=" + quoted(path) + " -");
    if (s.status != 0) {
      return bad(std::string(plugin) + " does not load into the compiler: " + error_in(s.text),
                 "it was built for another LLVM or is damaged: build Ravel with this compiler, or set RAVEL_CXX to the one it was built with");
    }
  }
  return fine("the compiler loads the plugins");
}

diagnosis standard_library(const patient& p) {
  if (compiler(p).how == diagnosis::grade::bad) return not_looked_at("the libraries' headers are", "the compiler");
  const said s = ask("echo '#include <string>' | " + quoted(p.compiler) + " -x c++ -std=c++20 -fsyntax-only -");
  if (s.status != 0) return bad("the compiler does not find the headers of the C and C++ libraries: " + error_in(s.text), "apt-get install libstdc++-12-dev libc6-dev, and unset CPATH and CPLUS_INCLUDE_PATH if they lead elsewhere");
  return fine("headers of the C and C++ libraries");
}

diagnosis debugger(const patient& p) {
  const said where = ask("gdb -nx -batch -ex 'show data-directory'");
  if (where.status != 0) return note("gdb is not there", "apt-get install gdb, to look at goroutines with `info goroutines`");
  const std::size_t first = where.text.find('"'), last = where.text.rfind('"');
  const std::string folder = first == last ? "" : where.text.substr(first + 1, last - first - 1);
  if (readable(folder + "/python/gdb/command/ravel.py")) return fine("gdb knows `info goroutines` for every program");
  return note("gdb knows `info goroutines` only for programs in folders that it trusts",
              "cp " + p.prefix + "/share/gdb/python/gdb/command/ravel.py " + folder + "/python/gdb/command/");
}

constexpr check checks[] = {
    {"parts", parts},   {"compiler", compiler},         {"interface", plugin_and_library},
    {"plugin", plugin_loads}, {"headers", standard_library}, {"debugger", debugger},
};

}  // namespace

std::span<const check> installation_checks() { return checks; }

}  // namespace ravel::tools
