#include "module/private_copy.hpp"

#include <csignal>

#include <sys/resource.h>
#include <sys/stat.h>

#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

class PrivateCopyTest : public testing::Test {
 protected:
  PrivateCopyTest() {
    writeFile(package() / "plugin.json", "{}");
    writeFile(package() / "data/inner/table.txt", "rows");
  }

  fs::path package() const { return root_ / "stream"; }
  base::Result<PrivateCopy> copy(const CopyLimits& limits = {}) { return store_.copy(package(), limits); }
  std::string refusal(const CopyLimits& limits = {}) {
    const auto copied = copy(limits);
    EXPECT_EQ(copiesLeft(), copied ? 1u : 0u);
    return copied ? "accepted" : copied.error().message;
  }
  std::size_t copiesLeft() const {
    std::size_t count = 0;
    for (const auto& run : fs::directory_iterator(root_ / "private")) {
      count += static_cast<std::size_t>(
          std::distance(fs::directory_iterator(run.path()), fs::directory_iterator()));
    }
    return count;
  }

  TempDir root_;
  PrivateStore store_ = std::move(*PrivateStore::open(root_ / "private"));
};

TEST_F(PrivateCopyTest, HoldsTheWholeFolderUnderAPathNeverUsedTwiceAndVanishesWithItsOwner) {
  fs::path first;
  {
    const auto one = copy();
    const auto two = copy();
    ASSERT_TRUE(one && two);
    first = one->folder();
    EXPECT_NE(first, two->folder());
    EXPECT_EQ(first.filename(), "stream");
    EXPECT_EQ(readFile(first / "data/inner/table.txt"), "rows");
    EXPECT_EQ(copiesLeft(), 2u);
  }
  EXPECT_EQ(copiesLeft(), 0u);
  EXPECT_NE(copy()->folder(), first);
}

TEST_F(PrivateCopyTest, DoesNotChangeWhenTheOriginalIsOverwritten) {
  const auto copied = copy();
  ASSERT_TRUE(copied);
  writeFile(package() / "plugin.json", "changed");
  fs::resize_file(package() / "data/inner/table.txt", 0);
  EXPECT_EQ(readFile(copied->folder() / "plugin.json"), "{}");
  EXPECT_EQ(readFile(copied->folder() / "data/inner/table.txt"), "rows");
}

TEST_F(PrivateCopyTest, RefusesWhateverIsNoRegularFileOfItsOwn) {
  const auto odd = package() / "odd";
  fs::create_symlink("/etc/passwd", odd);
  EXPECT_NE(refusal().find("odd' is a symbolic link"), std::string::npos);
  fs::remove(odd);
  ASSERT_EQ(::mkfifo(odd.c_str(), 0600), 0);
  EXPECT_NE(refusal().find("odd' is a pipe"), std::string::npos);
  fs::remove(odd);
  writeFile(root_ / "elsewhere", "secret");
  fs::create_hard_link(root_ / "elsewhere", odd);
  EXPECT_NE(refusal().find("odd' has 2 hard links"), std::string::npos);
  fs::remove(odd);
  fs::create_directory_symlink("/etc", odd);
  EXPECT_NE(refusal().find("odd' is a symbolic link"), std::string::npos);
  fs::remove(odd);
  EXPECT_EQ(refusal(), "accepted");
}

TEST_F(PrivateCopyTest, IsBoundedInBytesFilesAndDepthAndLeavesNothingBehind) {
  EXPECT_NE(refusal({.bytes = 5}).find("larger than 5 bytes"), std::string::npos);
  EXPECT_EQ(refusal({.bytes = 6}), "accepted");
  EXPECT_NE(refusal({.files = 3}).find("more than 3 files"), std::string::npos);
  EXPECT_EQ(refusal({.files = 4}), "accepted");
  EXPECT_NE(refusal({.depth = 2}).find("more than 2 folders deep"), std::string::npos);
  EXPECT_EQ(refusal({.depth = 3}), "accepted");
}

TEST_F(PrivateCopyTest, OpensFilesOfTheCopyAndNothingOutside) {
  const auto copied = copy();
  ASSERT_TRUE(copied);
  EXPECT_TRUE(copied->open("plugin.json"));
  EXPECT_FALSE(copied->open("../../elsewhere"));
  EXPECT_FALSE(copied->open("/etc/passwd"));
  EXPECT_FALSE(copied->open("data"));
  EXPECT_EQ(copied->open("absent").error().code, base::Errc::kNotFound);
}

TEST_F(PrivateCopyTest, SaysWhichPackageIsMissing) {
  const auto copied = store_.copy(root_ / "absent");
  ASSERT_FALSE(copied);
  EXPECT_NE(copied.error().message.find((root_ / "absent").string()), std::string::npos);
}

TEST(PrivateStore, DeletesWhatADeadHostLeftAndKeepsWhatALivingOneUses) {
  const TempDir root;
  writeFile(root / "package/plugin.json", "{}");
  writeFile(root / "private/run-abcdef/1/stream/stream.so", "left by a host that was killed");
  const auto living = PrivateStore::open(root / "private");
  ASSERT_TRUE(living);
  EXPECT_FALSE(fs::exists(root / "private/run-abcdef"));
  const auto used = living->copy(root / "package");
  const auto other = PrivateStore::open(root / "private");
  ASSERT_TRUE(used && other);
  EXPECT_TRUE(fs::exists(used->folder() / "plugin.json"));
}

// A limit on file sizes fails the write in its middle, as a full disk does.
TEST(PrivateStore, LeavesNothingBehindWhenTheDiskIsFull) {
  const TempDir root;
  writeFile(root / "package/large.bin", std::string(1 << 20, 'x'));
  fs::create_directories(root / "private");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 64 * 1024, .rlim_max = before.rlim_max};
  const auto store = PrivateStore::open(root / "private");
  ASSERT_TRUE(store);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto copied = store->copy(root / "package");
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, old);
  ASSERT_FALSE(copied);
  EXPECT_NE(copied.error().message.find("large.bin"), std::string::npos);
  for (const auto& run : fs::directory_iterator(root / "private")) EXPECT_TRUE(fs::is_empty(run.path()));
}

}  // namespace
}  // namespace revenge::module
