// The examples in the opening comments of public headers, which the pages of reference begin with: each is built and run.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/guides/with_ravel.hpp"
#include "tests/support/command.hpp"

namespace ravel::test {

namespace {

// What stands three blanks in, before the first line that is no comment. By the header's name.
std::map<std::string, std::string> examples_of_headers() {
  std::map<std::string, std::string> all;
  for (const char* folder : {"/runtime/include/ravel", "/detector/include/ravel"}) {
    for (const auto& header : std::filesystem::directory_iterator(std::string(RAVEL_SOURCE_DIR) + folder)) {
      std::ifstream in(header.path());
      for (std::string line; std::getline(in, line) && (line.starts_with("//") || line.starts_with("#pragma"));) {
        if (line.starts_with("//   ")) all[header.path().filename()] += line.substr(5) + "\n";
      }
    }
  }
  return all;
}

}  // namespace

TEST(headers, do_what_their_examples_say) {
  std::map<std::string, std::string> examples = examples_of_headers();
  ASSERT_EQ(examples.size(), 3u) << "a new example? Build and run it here";
  std::string& owned = examples.at("owned_chan.hpp");
  const std::size_t body = owned.find("...");
  ASSERT_NE(body, std::string::npos);
  owned.replace(body, 3, "sum += n;");
  const scratch_folder folder;
  folder.write("examples.cpp",
               "#include <ravel/gtest.hpp>\n#include <ravel/pipeline.hpp>\n#include <ravel/ravel.hpp>\n#include <sstream>\n"
               "TEST(OwnedChan, closes_when_its_owner_ends) {\nusing namespace ravel;\nint sum = 0;\n" + owned + "EXPECT_EQ(sum, 3);\n}\n"
               "TEST(Pipeline, ends_with_its_sink) {\nconst auto ctx = ravel::context::background();\nstd::istringstream in(\"a\\nbb\\n\");\nstd::size_t total = 0;\n" +
                   examples.at("pipeline.hpp") + "EXPECT_EQ(total, 3u);\n}\n"
               "struct account { int balance; };\nravel::mutex lock;\n"
               "void transfer(account& a, account& b, int n) { const std::lock_guard hold(lock); a.balance -= n, b.balance += n; }\n" +
                   examples.at("gtest.hpp"));
  const outcome o = folder.run(with_ravel + "ravel++ -race -O1 examples.cpp -lgtest -lgtest_main -o examples && ./examples");
  EXPECT_EQ(o.status, 0) << o.out << o.err;
  EXPECT_NE(o.out.find("[  PASSED  ] 3 tests."), std::string::npos) << o.out;
}

}  // namespace ravel::test
