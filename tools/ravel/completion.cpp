// ravel completion: what a shell completes after `ravel` and `ravel++`, from the rows of commands and options.

#include <cstdio>

#include "instrument/driver/own_options.hpp"
#include "tools/ravel/command.hpp"

namespace ravel::tools {

namespace {

std::string names_of(const command& c) {
  std::string names;
  for (const option_row& o : c.options) names += std::string(names.empty() ? "" : " ") + o.name;
  return names;
}

std::string names_of_commands() {
  std::string names = "help";
  for (const command& c : all_commands()) names += std::string(" ") + c.name;
  return names;
}

// Within single quotes of a shell.
std::string quoted(const char* text) {
  std::string out = "'";
  for (; *text != '\0'; ++text) out += *text == '\'' ? std::string("'\\''") : std::string(1, *text);
  return out + "'";
}

// zsh reads "name:sentence"; a colon of the sentence's own must not end it.
std::string described(const char* name, const char* sentence) {
  std::string out = std::string(name) + ":";
  for (; *sentence != '\0'; ++sentence) out += *sentence == ':' ? std::string("\\:") : std::string(1, *sentence);
  return quoted(out.c_str());
}

void print_bash() {
  std::puts("_ravel() {\n  local word=${COMP_WORDS[COMP_CWORD]}\n  if [ \"$COMP_CWORD\" -eq 1 ]; then");
  std::printf("    COMPREPLY=($(compgen -W '%s' -- \"$word\"))\n    return\n  fi\n  case $word in -*) ;; *) COMPREPLY=($(compgen -f -- \"$word\")); return ;; esac\n", names_of_commands().c_str());
  std::puts("  case ${COMP_WORDS[1]} in");
  for (const command& c : all_commands()) {
    if (!c.options.empty()) std::printf("    %s) COMPREPLY=($(compgen -W '%s' -- \"$word\")) ;;\n", c.name, names_of(c).c_str());
  }
  std::puts("  esac\n}\n_ravelxx() {\n  local word=${COMP_WORDS[COMP_CWORD]}\n  case $word in\n    -r*) COMPREPLY=(-race) ;;\n"
            "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n  esac\n}\ncomplete -o filenames -F _ravel ravel\ncomplete -o filenames -F _ravelxx ravel++");
}

void print_zsh() {
  std::puts("#compdef ravel ravel++\nif [[ $service == ravel++ ]]; then");
  std::printf("  _arguments %s '*:file:_files'\n  return\nfi\n", quoted((std::string("-race[") + driver::own_options[0].sentence + "]").c_str()).c_str());
  std::puts("if (( CURRENT == 2 )); then\n  local -a commands=(");
  std::puts("    'help:explains commands'");
  for (const command& c : all_commands()) std::printf("    %s\n", described(c.name, c.sentence).c_str());
  std::puts("  )\n  _describe command commands\n  return\nfi\nlocal -a options=()\ncase $words[2] in");
  for (const command& c : all_commands()) {
    if (c.options.empty()) continue;
    std::printf("  %s) options=(", c.name);
    for (const option_row& o : c.options) std::printf(" %s", described(o.name, o.sentence).c_str());
    std::puts(" ) ;;");
  }
  std::puts("esac\n_describe option options\n_files");
}

void print_fish() {
  for (const command& c : all_commands()) {
    std::printf("complete -c ravel -n __fish_use_subcommand -a %s -d %s\n", c.name, quoted(c.sentence).c_str());
    for (const option_row& o : c.options) {
      std::printf("complete -c ravel -n '__fish_seen_subcommand_from %s' -%c %s%s -d %s\n", c.name, o.name[1] == '-' ? 'l' : 's',
                  o.name + (o.name[1] == '-' ? 2 : 1), *o.value != '\0' ? " -r" : "", quoted(o.sentence).c_str());
    }
  }
  std::printf("complete -c ravel++ -o race -d %s\n", quoted(driver::own_options[0].sentence).c_str());
}

}  // namespace

int run_completion(const words& given) {
  const std::string shell = given.size() == 1 ? given[0] : "";
  if (shell == "bash") print_bash();
  else if (shell == "zsh") print_zsh();
  else if (shell == "fish") print_fish();
  else throw refused("for which shell? ravel completion bash, zsh or fish");
  return 0;
}

}  // namespace ravel::tools
