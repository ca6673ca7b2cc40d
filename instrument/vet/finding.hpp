#pragma once
// A finding of ravel vet as plain data: what printers and --fix need when the compiler's own structures are gone.

#include <string>
#include <vector>

namespace ravel::vet {

struct place {
  std::string file;
  unsigned line = 0;    // from 1
  unsigned column = 0;  // from 1, in bytes
  std::string source;   // the line itself
};

struct note {
  place where;
  std::string text;
};

struct replacement {
  std::string file;
  unsigned offset = 0;  // bytes from the beginning of the file
  unsigned length = 0;
  std::string text;
};

struct finding {
  std::string check;
  place where;
  std::string message;
  std::vector<note> notes;
  std::vector<replacement> fixes;  // all of them, or none
};

}  // namespace ravel::vet
