#pragma once
// What can be wrong with an installation, its environment or the machine. One check a row; each says in one sentence what is wrong and in
// another how to mend it, or what it found in order.

#include <span>
#include <string>
#include <vector>

namespace ravel::tools {

struct patient {
  std::string prefix;    // has bin/, lib/ and include/
  std::string compiler;  // RAVEL_CXX, or the one ravel++ was built for
  std::string proc;      // /proc
};

struct diagnosis {
  enum class grade { fine, note, bad };
  grade how = grade::fine;
  std::string what;
  std::string mend;  // "" when fine
};

inline diagnosis fine(std::string what) { return {diagnosis::grade::fine, std::move(what), ""}; }
inline diagnosis bad(std::string what, std::string mend) { return {diagnosis::grade::bad, std::move(what), std::move(mend)}; }
inline diagnosis note(std::string what, std::string mend) { return {diagnosis::grade::note, std::move(what), std::move(mend)}; }

struct check {
  const char* name;
  diagnosis (*look)(const patient& p);
};

std::span<const check> installation_checks();  // parts and compiler
std::span<const check> environment_checks();   // variables of this shell
std::span<const check> machine_checks();       // kernel and limits
std::span<const check> trial_checks();         // a program is built and run; says little of value when one before is bad

bool readable(const std::string& path);
std::string variable(const char* name);
std::string bytes_of(const std::string& path);  // "" when there is no such file

// What a shell command writes, both streams, and its exit status.
struct said {
  int status;
  std::string text;
};
said ask(const std::string& shell_command);
std::string quoted(const std::string& word);
std::string error_in(const std::string& text);  // the first line that says it is one, else the first

}  // namespace ravel::tools
