#pragma once
// Where Ravel's parts and the compiler are.

#include <string>

namespace ravel::driver {

struct installation {
  std::string prefix;    // the folder above this program's: has lib/, lib/ravel/ and include/
  std::string compiler;  // clang++ of the version the plugin was made for
};

// Throws rejected when a part is missing, or the compiler is of the wrong version.
installation find_installation(bool race);

}  // namespace ravel::driver
