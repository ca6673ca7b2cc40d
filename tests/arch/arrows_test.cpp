// The project keeps its arrows; and the checker refuses small trees that do not.

#include "tests/arch/arrows.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace {

using namespace ravel::test;
namespace fs = std::filesystem;

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(arrows, of_the_project_are_kept) {
  const arrow_table table(RAVEL_SOURCE_DIR "/tests/arch/arrows.txt");
  EXPECT_EQ(joined(broken_arrows(RAVEL_SOURCE_DIR, table)), "");
}

class small_tree : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "ravel_arrows_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  std::string broken(const std::string& table) {
    write("arrows.txt", table);
    return joined(broken_arrows(root_, arrow_table(root_ / "arrows.txt")));
  }

  std::string wrong_table(const std::string& table) {
    try {
      broken(table);
    } catch (const std::runtime_error& e) {
      const std::string what = e.what();
      return what.starts_with(root_.string()) ? what.substr(root_.string().size() + 1) : what;
    }
    return "accepted";
  }

  fs::path root_;
};

constexpr const char* two_rooms = "runtime/low\n  ->\nruntime/high runtime/include/ravel/high.hpp\n  -> runtime/low <llvm>\ninstalled runtime/include\nsystem sys\n";

TEST_F(small_tree, an_arrow_that_is_there_is_no_news) {
  write("runtime/low/low.hpp", "#include <vector>\n#include <sys/mman.h>\n");
  write("runtime/high/high.cpp", "#include \"runtime/low/low.hpp\"\n#include <llvm/IR/Function.h>\n");
  EXPECT_EQ(broken(two_rooms), "");
}

TEST_F(small_tree, a_broken_arrow_is_named_with_file_and_line) {
  write("runtime/high/high.hpp", "");
  write("runtime/low/low.hpp", "\n#include \"runtime/high/high.hpp\"\n");
  EXPECT_EQ(broken(two_rooms),
            "runtime/low/low.hpp:2: includes runtime/high/high.hpp, but room runtime/low may not see room runtime/high (see tests/arch/arrows.txt)\n");
}

TEST_F(small_tree, a_relative_or_angled_path_hides_nothing) {
  write("runtime/include/ravel/high.hpp", "");
  write("runtime/low/a.cpp", "  # include \"../include/ravel/high.hpp\"\n");
  write("runtime/low/b.cpp", "#include <ravel/high.hpp>\n");
  EXPECT_EQ(broken(two_rooms),
            "runtime/low/a.cpp:1: includes ../include/ravel/high.hpp, but room runtime/low may not see room runtime/high (see tests/arch/arrows.txt)\n"
            "runtime/low/b.cpp:1: includes ravel/high.hpp, but room runtime/low may not see room runtime/high (see tests/arch/arrows.txt)\n");
}

TEST_F(small_tree, a_library_is_a_room) {
  write("runtime/low/low.cpp", "#include <llvm/IR/Function.h>\n#include <elsewhere/thing.hpp>\n");
  EXPECT_EQ(broken(two_rooms),
            "runtime/low/low.cpp:1: includes llvm/IR/Function.h, but room runtime/low may not see room <llvm> (see tests/arch/arrows.txt)\n"
            "runtime/low/low.cpp:2: includes elsewhere/thing.hpp, but room runtime/low may not see room <elsewhere> (see tests/arch/arrows.txt)\n");
}

TEST_F(small_tree, an_unknown_room_is_no_free_country) {
  write("runtime/attic/old.cpp", "");
  EXPECT_EQ(broken(two_rooms),
            "runtime/attic/old.cpp:1: lies in no room: say in tests/arch/arrows.txt what room it is of and whom that may see\n");
}

TEST_F(small_tree, what_is_installed_sees_only_what_is_installed) {
  write("runtime/low/low.hpp", "");
  write("runtime/include/ravel/high.hpp", "#include \"runtime/low/low.hpp\"\n");
  EXPECT_EQ(broken(two_rooms),
            "runtime/include/ravel/high.hpp:1: includes runtime/low/low.hpp, but runtime/include/ravel/high.hpp is installed and that is not (see "
            "tests/arch/arrows.txt)\n");
}

TEST_F(small_tree, what_does_not_exist_has_no_room) {
  write("runtime/low/low.cpp", "#include \"made_up.hpp\"\n");
  EXPECT_EQ(broken(two_rooms), "runtime/low/low.cpp:1: includes made_up.hpp, which is in no room (see tests/arch/arrows.txt)\n");
}

TEST_F(small_tree, a_wrong_table_is_refused) {
  EXPECT_EQ(wrong_table("runtime/a\n  -> runtime/b\nruntime/b\n  -> runtime/a\n"), "the arrows form a circle through runtime/a");
  EXPECT_EQ(wrong_table("runtime/a\n  -> runtime/b\n"), "arrows.txt: runtime/a may see runtime/b, which is no room");
  EXPECT_EQ(wrong_table("runtime/a\n  ->\nruntime/a\n  ->\n"), "arrows.txt:3: runtime/a has a room already");
  EXPECT_EQ(wrong_table("runtime/a\n"), "arrows.txt: runtime/a has no row `  -> rooms it may see` under it");
  EXPECT_EQ(wrong_table("  -> runtime/b\n"), "arrows.txt:1: expected a room at the margin, or one row `  -> rooms it may see` under it");
}

}  // namespace
