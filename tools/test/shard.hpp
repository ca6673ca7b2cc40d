#pragma once
#include <cstdint>
#include <string>

namespace ravel::tools {

struct shard {
  std::uint32_t index = 0, of = 1;
};

// What `text` says, or where it is empty the environment: "2/16" is the third of sixteen, "env:VARIABLE/16" takes the index from a variable.
// The environment: GTEST_SHARD_INDEX and GTEST_TOTAL_SHARDS, TEST_SHARD_INDEX and TEST_TOTAL_SHARDS (Bazel), JOB_COMPLETION_INDEX
// (Kubernetes, which does not say the total: RAVEL_SHARDS does). Throws refused for nonsense.
//
// Takes these variables out of the environment, since the tests' own processes must not split their work again, and touches the file by
// which GoogleTest and Bazel are told that sharding is understood.
shard take_shard(const std::string& text);

}  // namespace ravel::tools
