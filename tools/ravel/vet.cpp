#include <filesystem>

#include "tools/ravel/command.hpp"

namespace ravel::tools {

int run_vet(const words& arguments) {
  const std::filesystem::path itself = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "ravel-vet";
  if (!std::filesystem::exists(itself)) throw refused(itself.string() + " is missing: install all of Ravel, or build the target ravel_vet");
  words line{itself.string()};
  line.insert(line.end(), arguments.begin(), arguments.end());
  become(line);
}

}  // namespace ravel::tools
