#include "tools/test/shard.hpp"

#include <cstdlib>
#include <fstream>

#include "tools/ravel/command.hpp"

namespace ravel::tools {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::uint32_t number(const std::string& text, const std::string& what) {
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos) {
    throw refused(what + " must be a number, not '" + text + "'");
  }
  return static_cast<std::uint32_t>(std::stoul(text));
}

shard checked(shard s, const std::string& what) {
  if (s.of == 0 || s.index >= s.of) {
    throw refused(what + ": shard " + std::to_string(s.index) + " of " + std::to_string(s.of) + " is none; they count from 0 to one below the total");
  }
  return s;
}

shard read(const std::string& text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string::npos) throw refused("--shard needs an index and a total, as 2/16, not '" + text + "'");
  std::string index = text.substr(0, slash);
  if (index.rfind("env:", 0) == 0) {
    const std::string name = index.substr(4);
    index = variable(name.c_str());
    if (index.empty()) throw refused("--shard=" + text + ": the environment has no " + name);
    return checked({number(index, name), number(text.substr(slash + 1), "the total of --shard")}, "--shard=" + text);
  }
  return checked({number(index, "the index of --shard"), number(text.substr(slash + 1), "the total of --shard")}, "--shard=" + text);
}

struct protocol {
  const char *index, *total, *status_file;
};
constexpr protocol protocols[] = {
    {"GTEST_SHARD_INDEX", "GTEST_TOTAL_SHARDS", "GTEST_SHARD_STATUS_FILE"},
    {"TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS", "TEST_SHARD_STATUS_FILE"},
    {"JOB_COMPLETION_INDEX", "RAVEL_SHARDS", ""},
};

shard from_environment() {
  for (const protocol& p : protocols) {
    const std::string index = variable(p.index), total = variable(p.total);
    if (index.empty() || total.empty()) continue;
    return checked({number(index, p.index), number(total, p.total)}, std::string(p.index) + " and " + p.total);
  }
  return {};
}

}  // namespace

shard take_shard(const std::string& text) {
  const shard s = text.empty() ? from_environment() : read(text);
  for (const protocol& p : protocols) {
    if (const std::string file = variable(p.status_file); !file.empty()) std::ofstream(file, std::ios::app).flush();
    for (const char* name : {p.index, p.total, p.status_file}) {
      if (*name != '\0') ::unsetenv(name);
    }
  }
  ::unsetenv("RAVEL_SHARD");
  return s;
}

}  // namespace ravel::tools
