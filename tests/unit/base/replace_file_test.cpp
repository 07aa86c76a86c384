#include "base/replace_file.hpp"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace revenge::base {
namespace {

namespace fs = std::filesystem;

class ReplaceFile : public testing::Test {
 protected:
  ReplaceFile() {
    std::string pattern = (fs::temp_directory_path() / "revenge-replace-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~ReplaceFile() override { fs::remove_all(folder_); }

  static std::string content(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static mode_t mode(const fs::path& file) {
    struct stat is = {};
    EXPECT_EQ(::stat(file.c_str(), &is), 0);
    return is.st_mode & 0777U;
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  fs::path folder_;
};

TEST_F(ReplaceFile, IsSeenWhenItIsCommittedAndNotBefore) {
  const fs::path file = folder_ / "a";
  {
    auto written = Replacement::write(file, "one", 0640);
    ASSERT_TRUE(written);
    EXPECT_FALSE(fs::exists(file));
    ASSERT_TRUE(written->commit());
  }
  EXPECT_EQ(content(file), "one");
  EXPECT_EQ(mode(file), 0640U);
  ASSERT_TRUE(Replacement::write(file, "two", 0640));
  EXPECT_EQ(content(file), "one");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(ReplaceFile, KeepsTheModeLessWhatIsTooMuch) {
  const fs::path file = folder_ / "a";
  ASSERT_TRUE(replaceFile(file, "one", 0644));
  ASSERT_EQ(::chmod(file.c_str(), 0604), 0);
  ASSERT_TRUE(replaceFile(file, "two", 0777));
  EXPECT_EQ(mode(file), 0604U);
  ASSERT_TRUE(replaceFile(file, "three", 0600));
  EXPECT_EQ(mode(file), 0600U);
}

TEST_F(ReplaceFile, ALinkStaysALink) {
  ASSERT_TRUE(replaceFile(folder_ / "real", "one", 0644));
  fs::create_symlink("real", folder_ / "link");
  ASSERT_TRUE(replaceFile(folder_ / "link", "two", 0644));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(content(folder_ / "real"), "two");
}

TEST_F(ReplaceFile, WhereItCannotBeWrittenNothingIsLeft) {
  fs::create_directory(folder_ / ".a.new");
  const auto refused = replaceFile(folder_ / "a", "one", 0644);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::EndsWith("a: cannot be written: Is a directory"));
  EXPECT_FALSE(replaceFile(folder_ / "no" / "such", "one", 0644));
  fs::create_directory(folder_ / "b");
  const auto over = replaceFile(folder_ / "b", "one", 0644);
  ASSERT_FALSE(over);
  EXPECT_THAT(over.error().message, testing::HasSubstr("cannot be replaced"));
  EXPECT_FALSE(fs::exists(folder_ / ".b.new"));
}

}  // namespace
}  // namespace revenge::base
