#include <cstdio>
#include <cstring>

#include "program.hpp"

int main(int argc, char** argv) {
  for (const threads_suite::program* p = threads_suite::first_program; argc == 2 && p != nullptr; p = p->next) {
    if (std::strcmp(p->name, argv[1]) != 0) continue;
    p->run();
    return 0;
  }
  std::fprintf(stderr, "%s: give the name of one case\n", argv[0]);
  return 2;
}
