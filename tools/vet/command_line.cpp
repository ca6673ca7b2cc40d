#include "tools/vet/command_line.hpp"

#include <string_view>

namespace ravel::tools::vet {

const char* const help_text =
    R"(usage: ravel vet [options] FILES [-- COMPILER FLAGS]
       ravel vet [options] -p BUILD [FILES]

Looks for misuse of goroutines, channels and locks without running the program.

  -p BUILD          take the flags from BUILD/compile_commands.json; without FILES, look at all files that it names
  -- FLAGS          compile with these flags; without -p and --, -std=c++20 and Ravel's headers
  --checks=LIST     only these: a,b; or all but these: -a,-b
  --list            list the checks
  --format=FORMAT   text (default), json, or sarif (SARIF 2.1.0)
  --output=FILE     write findings to FILE instead of the standard output
  --fix             change the sources where a change cannot make a right program wrong
  --help            this

To ignore a finding, write a comment behind the line or alone before it:
  // ravel: vet-ignore(dangling-capture) the reason, without which it does not count

The same checks warn while ravel++ compiles (-Wno-ravel turns them off, -Wno-ravel-CHECK one, -Werror=ravel makes them errors).

Exit status: 0 no findings, 1 findings, 2 a file that does not compile, or bad use.
)";

namespace {

// "--name=VALUE" or "--name VALUE"; `at` moves on in the second case.
bool take_value(const std::vector<std::string>& words, std::size_t& at, std::string_view option, std::string& value) {
  const std::string_view word = words[at];
  if (word == option) {
    if (at + 1 == words.size()) throw refused(std::string(option) + " needs a value");
    value = words[++at];
    return true;
  }
  if (!word.starts_with(option) || word[option.size()] != '=') return false;
  value = word.substr(option.size() + 1);
  return true;
}

format to_format(const std::string& name) {
  if (name == "text") return format::text;
  if (name == "json") return format::json;
  if (name == "sarif") return format::sarif;
  throw refused("there is no format '" + name + "'; use text, json or sarif");
}

}  // namespace

command_line parse(const std::vector<std::string>& words) {
  command_line c;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    std::string value;
    if (word == "--") {
      c.has_flags = true;
      c.flags.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      break;
    }
    if (word == "--help" || word == "-h") c.help = true;
    else if (word == "--list") c.list = true;
    else if (word == "--fix") c.fix = true;
    else if (take_value(words, i, "--checks", value)) c.checks += (c.checks.empty() ? "" : ",") + value;
    else if (take_value(words, i, "--format", value)) c.as = to_format(value);
    else if (take_value(words, i, "--output", value)) c.output = value;
    else if (take_value(words, i, "-p", value)) c.build = value;
    else if (word.starts_with("-")) {
      throw refused("there is no option '" + word + "'; `ravel vet --help` lists them, and flags of the compiler stand behind --");
    } else {
      c.files.push_back(word);
    }
  }
  if (c.help || c.list) return c;
  if (!c.build.empty() && c.has_flags) throw refused("-p and -- both say the flags; give one of them");
  if (c.files.empty() && c.build.empty()) throw refused("no files; try: ravel vet bank.cpp, or ravel vet -p build");
  return c;
}

}  // namespace ravel::tools::vet
