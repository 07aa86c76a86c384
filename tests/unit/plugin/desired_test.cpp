#include "plugin/desired.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <stdlib.h>

namespace revenge::plugin {
namespace {

class DesiredTest : public testing::Test {
 protected:
  DesiredTest() { folder_ = ::mkdtemp(template_); }
  ~DesiredTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file() const { return folder_ / "desired"; }
  Desired open() const { return Desired(file(), *Desired::read(file())); }
  void content(std::string_view text) const { std::ofstream(file()) << text; }

  char template_[32] = "/tmp/revenge-desired-XXXXXX";
  std::filesystem::path folder_;
};

TEST_F(DesiredTest, WantsEveryPluginItKnowsNothingAbout) { EXPECT_EQ(open().of("stream"), Wish{}); }

TEST_F(DesiredTest, RemembersOverARestart) {
  const Wish off{false, "/plugins/stream 2", "/plugins/stream"};
  ASSERT_TRUE(open().set("stream", off));
  EXPECT_EQ(open().of("stream"), off);
}

TEST_F(DesiredTest, KeepsWhatItKnowsOfPluginsThatAreNotInstalled) {
  content("thumbs\toff\t-\t-\n");
  ASSERT_TRUE(open().set("stream", Wish{}));
  EXPECT_FALSE(open().of("thumbs").on);
}

TEST_F(DesiredTest, RefusesADamagedFileByLine) {
  content("stream\ton\t-\t-\nthumbs\tmaybe\t-\t-\n");
  const auto read = Desired::read(file());
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find(":2: expected"), std::string::npos) << read.error().message;
}

TEST_F(DesiredTest, RefusesALineWithMoreThanItKnows) {
  content("stream\ton\t-\t-\t-\n");
  const auto read = Desired::read(file());
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find(":1: expected"), std::string::npos) << read.error().message;
}

TEST_F(DesiredTest, KeepsTheOldWishWhenItCannotWrite) {
  Desired desired = open();
  ASSERT_TRUE(desired.set("stream", Wish{false, {}, {}}));
  std::filesystem::remove_all(folder_);
  EXPECT_EQ(desired.set("stream", Wish{}).error().code, base::Errc::kIo);
  EXPECT_FALSE(desired.of("stream").on);
  std::filesystem::create_directory(folder_);
}

TEST_F(DesiredTest, RefusesAFolderNameThatWouldBreakTheFile) {
  EXPECT_EQ(open().set("stream", Wish{true, "/a\tb", {}}).error().code, base::Errc::kInvalid);
}

}  // namespace
}  // namespace revenge::plugin
