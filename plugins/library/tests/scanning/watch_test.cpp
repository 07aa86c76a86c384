// What the kernel tells of folders.
#include "disk/watch.hpp"

#include <algorithm>

#include "tests/scanning/tree.hpp"

namespace library::disk {
namespace {

using library::testing::Tree;
using Kind = WatchEvent::Kind;

// Until `wanted` has come; a deadline, never a wait.
bool comes(Watch& watch, Kind kind, std::int64_t folder, const std::string& name) {
  constexpr int kPatienceMs = 20'000;
  constexpr int kLooks = 200;
  for (int i = 0; i < kLooks; ++i) {
    for (const WatchEvent& event : watch.wait(kPatienceMs / kLooks))
      if (event.kind == kind && event.at.folder == folder && event.name == name) return true;
  }
  return false;
}

TEST(Watch, TellsWhereWhatHappened) {
  const Tree tree;
  tree.folder("in");
  Watch watch;
  ASSERT_EQ(watch.add(tree.path(), {1, 10}), 0);
  ASSERT_EQ(watch.add(tree.path("in"), {1, 11}), 0);
  EXPECT_EQ(watch.count(), 2U);
  tree.write("in/film.mkv");
  EXPECT_TRUE(comes(watch, Kind::kFileClosed, 11, "film.mkv"));
  std::filesystem::rename(tree.path("in/film.mkv"), tree.path("film.mkv"));
  EXPECT_TRUE(comes(watch, Kind::kFileClosed, 10, "film.mkv"));
  tree.folder("new");
  EXPECT_TRUE(comes(watch, Kind::kFolderCame, 10, "new"));
  std::filesystem::remove(tree.path("new"));
  EXPECT_TRUE(comes(watch, Kind::kFolderWent, 10, "new"));
  std::filesystem::create_hard_link(tree.path("film.mkv"), tree.path("in/other.mkv"));
  EXPECT_TRUE(comes(watch, Kind::kFile, 11, "other.mkv"));
}

TEST(Watch, ForgetsAFolderThatIsGoneAndARootThatIsForgotten) {
  const Tree tree;
  tree.folder("a");
  tree.folder("b");
  Watch watch;
  ASSERT_EQ(watch.add(tree.path(), {1, 1}), 0);
  ASSERT_EQ(watch.add(tree.path("a"), {1, 2}), 0);
  ASSERT_EQ(watch.add(tree.path("b"), {2, 3}), 0);
  std::filesystem::remove(tree.path("a"));
  EXPECT_TRUE(comes(watch, Kind::kFolderWent, 1, "a"));
  while (watch.count() > 2) watch.wait(100);
  watch.forget(1);
  EXPECT_EQ(watch.count(), 1U);
}

TEST(Watch, SaysWhyAFolderIsNotWatched) {
  Watch watch;
  EXPECT_EQ(watch.add("/nowhere/at/all", {1, 1}), ENOENT);
  EXPECT_FALSE(watch.isExhausted());
}

TEST(Watch, IsWoken) {
  Watch watch;
  watch.wake();
  EXPECT_TRUE(watch.wait(-1).empty());
}

}  // namespace
}  // namespace library::disk
