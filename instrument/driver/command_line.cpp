#include "instrument/driver/command_line.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <string_view>

namespace ravel::driver {

namespace {

// Options of clang++ whose value is the next word, which is therefore no input file.
constexpr std::string_view with_value[] = {
    "-o", "-x", "-I", "-D", "-U", "-L", "-l", "-B", "-T", "-u", "-z", "-e", "-A", "-F", "-MF", "-MT", "-MQ", "-MJ", "-include", "-imacros",
    "-isystem", "-iquote", "-idirafter", "-iprefix", "-iwithprefix", "-iwithprefixbefore", "-isysroot", "--sysroot", "-cxx-isystem",
    "-include-pch", "-target", "--target", "-Xclang", "-Xlinker", "-Xassembler", "-Xpreprocessor", "-Xanalyzer", "-mllvm", "--param",
    "-arch", "-rpath", "-soname", "-dumpdir", "-framework", "--config", "-working-directory", "-gcc-toolchain", "-mthread-model", "-vfsoverlay"};

// Modes that end before the linker.
constexpr std::string_view not_linking[] = {"-c", "-S", "-E", "-M", "-MM", "-fsyntax-only", "--precompile", "-emit-ast", "--analyze", "-emit-llvm-only"};

struct refusal {
  std::string_view option;
  bool only_race;
  std::string_view reason;
};
constexpr refusal refusals[] = {
    {"-static", false, "goroutines need the dynamic C library: leave it out (-static-libstdc++ and -static-libgcc work)"},
    {"-static-pie", false, "goroutines need the dynamic C library: leave it out (-static-libstdc++ and -static-libgcc work)"},
    {"-no-pie", true, "shadow memory needs a position-independent program: leave it out"},
    {"-nopie", true, "shadow memory needs a position-independent program: leave it out"},
    {"-static-libstdc++", true, "the detector stands before functions of the shared C++ library: leave it out"},
    {"-fsanitize=thread", true, "is another race detector: use either it or -race"},
    {"-fsanitize=address", true, "has its own shadow memory and malloc: use either it or -race"},
    {"-fsanitize=memory", true, "has its own shadow memory and malloc: use either it or -race"},
    {"-fsanitize=hwaddress", true, "has its own shadow memory and malloc: use either it or -race"},
    {"-stdlib=libc++", false, "Ravel's library is built with libstdc++: leave it out"},
    {"-m32", false, "Ravel is for x86-64: leave it out"},
};

bool starts_with(std::string_view s, std::string_view prefix) { return s.substr(0, prefix.size()) == prefix; }

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

// -fsanitize=undefined,thread is two.
bool is_among_sanitizers(std::string_view word, std::string_view option) {
  constexpr std::string_view begin = "-fsanitize=";
  if (!starts_with(word, begin) || !starts_with(option, begin)) return false;
  option.remove_prefix(begin.size());
  for (word.remove_prefix(begin.size()); !word.empty();) {
    const std::size_t end = std::min(word.find(','), word.size());
    if (word.substr(0, end) == option) return true;
    word.remove_prefix(std::min(end + 1, word.size()));
  }
  return false;
}

void refuse_what_cannot_work(const command_line& c) {
  for (const std::string& word : c.passed_on) {
    for (const refusal& r : refusals) {
      if (r.only_race && !c.race) continue;
      if (word == r.option || is_among_sanitizers(word, r.option)) throw rejected{word + (c.race ? " with -race: " : ": ") + std::string(r.reason)};
    }
  }
  for (const std::string& file : c.inputs) {
    struct stat s{};
    if (file != "-" && ::stat(file.c_str(), &s) != 0) throw rejected{file + ": no such file; give the path of a source, object or library file"};
  }
}

// Response files are clang's to read, and clang does not know -race.
void refuse_race_inside(const std::string& response_file) {
  std::ifstream in(response_file);
  for (std::string word; in >> word;) {
    if (word == "-race" || word == "--race") throw rejected{"@" + response_file + " holds " + word + ": give it on the command line itself"};
  }
}

// Warnings of Ravel's own, which clang does not know.
bool take_warning_option(std::string_view word, command_line& c) {
  if (word == "-Wravel") c.vet = true;
  else if (word == "-Wno-ravel") c.vet = false;
  else if (word == "-Werror=ravel") c.vet_words.emplace_back("error");
  else if (word == "-Wno-error=ravel") std::erase(c.vet_words, "error");
  else if (starts_with(word, "-Wravel-")) throw rejected{std::string(word) + ": all checks are on; -Wno-ravel-CHECK leaves one out"};
  else if (starts_with(word, "-Werror=ravel-") || starts_with(word, "-Wno-error=ravel-")) {
    throw rejected{std::string(word) + ": the checks are errors together: -Werror=ravel, and -Wno-ravel-CHECK leaves one out"};
  }
  else if (starts_with(word, "-Wno-ravel-")) c.vet_words.emplace_back(word.substr(10));
  else return false;
  return true;
}

}  // namespace

command_line parse(int argc, char** argv) {
  command_line c;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "-race" || word == "--race") {
      c.race = true;
      continue;
    }
    if (take_warning_option(word, c)) continue;
    if (word == "--help" || word == "-help" || word == "-h") c.help = true;
    if (word == "--version") c.version = true;
    if (word == "-shared") c.shared = true;
    if (starts_with(word, "-std=") || starts_with(word, "--std=")) c.names_standard = true;
    if (starts_with(word, "-g") && !starts_with(word, "-gcc")) c.names_debug_level = true;
    if (contains(not_linking, word) || starts_with(word, "-print-") || starts_with(word, "--print-") || starts_with(word, "-dump")) c.links = false;
    if (starts_with(word, "-x") && word.size() > 2) c.names_other_language = !starts_with(word.substr(2), "c++");
    c.passed_on.emplace_back(word);
    if (contains(with_value, word)) {
      if (i + 1 == argc) throw rejected{std::string(word) + " needs a value after it"};
      c.passed_on.emplace_back(argv[++i]);
      if (word == "-x") c.names_other_language = !starts_with(argv[i], "c++");
    } else if (word == "-" || word.empty() || (word.front() != '-' && word.front() != '@')) {
      c.inputs.emplace_back(word);
    }
  }
  bool response_file = false;
  for (const std::string& word : c.passed_on) {
    if (!word.starts_with('@')) continue;
    response_file = true;
    refuse_race_inside(word.substr(1));
  }
  if (c.inputs.empty() && !response_file) c.links = false;
  refuse_what_cannot_work(c);
  return c;
}

}  // namespace ravel::driver
