// What is found on disk, in trees that are as odd as people's.
#include "disk/walk.hpp"

#include <algorithm>
#include <map>

#include "tests/scanning/tree.hpp"

namespace library::disk {
namespace {

using library::testing::Tree;

struct Found final : WalkSink {
  void entering(const std::string& path) override { entered.push_back(path); }
  bool folder(const std::string& path, const std::vector<MediaFile>& files) override {
    std::vector<std::string>& names = folders[path];
    for (const MediaFile& file : files) names.push_back(file.name);
    std::ranges::sort(names);
    return folders.size() < most;
  }
  void unreadable(const std::string& path, int error) override { errors[path] = error; }
  void refused(const std::string& link, const std::string& target) override { links[link] = target; }

  std::size_t most = 1000;
  std::vector<std::string> entered;
  std::map<std::string, std::vector<std::string>> folders;
  std::map<std::string, int> errors;
  std::map<std::string, std::string> links;
};

Found walked(const Tree& tree, WalkOptions options = {}, const std::string& from = "") {
  Found found;
  Visited visited;
  const auto root = Root::open(tree.path());
  EXPECT_TRUE(root.has_value());
  walk(*root, from, options, visited, found);
  return found;
}

using Names = std::vector<std::string>;

TEST(Walk, FindsMediaAloneAndFoldersBeforeWhatIsInThem) {
  const Tree tree;
  tree.write("b/film.mkv");
  tree.write("b/film.en.srt");
  tree.write("b/poster.jpg");
  tree.write("b/film.nfo");
  tree.write("a/deep/er/song.flac");
  const Found found = walked(tree);
  EXPECT_EQ(found.folders.at("b"), (Names{"film.en.srt", "film.mkv", "film.nfo"}));
  EXPECT_EQ(found.folders.at("a/deep/er"), (Names{"song.flac"}));
  EXPECT_EQ(found.entered, (Names{"", "a", "a/deep", "a/deep/er", "b"}));
}

TEST(Walk, LeavesOutWhatSystemsKeepAndWhatIsHiddenOrBeingFetched) {
  const Tree tree;
  for (const char* name : {"@eaDir/a.mkv", "#recycle/a.mkv", ".snapshots/a.mkv", "$RECYCLE.BIN/a.mkv",
                           ".hidden.mkv", "a.mkv.part", "Film/sample.mkv", "Film/sample/b.mkv"})
    tree.write(name);
  tree.write("Film/Resample.mkv");
  const Found found = walked(tree);
  EXPECT_EQ(found.folders.at("Film"), (Names{"Resample.mkv"}));
  EXPECT_EQ(found.folders.size(), 2U);
}

TEST(Walk, EndsInLoopsOfLinksAndSaysNothingOfLinksWithin) {
  const Tree tree;
  tree.write("shows/one.mkv");
  tree.link(tree.path(), "shows/up");
  tree.link("../shows", "shows/again");
  tree.link("self", "self");
  const Found found = walked(tree);
  EXPECT_EQ(found.folders.size(), 2U);
  EXPECT_TRUE(found.links.empty());
}

TEST(Walk, FollowsLinksOutOfTheRootOnlyWhenTold) {
  const Tree outside;
  outside.write("film.mkv");
  outside.write("more/other.mkv");
  outside.link(outside.path(), "more/back");
  const Tree tree;
  tree.folder("in");
  tree.link(outside.path(), "in/out");
  tree.link(outside.path("film.mkv"), "in/linked.mkv");
  const Found refused = walked(tree);
  EXPECT_EQ(refused.folders.size(), 2U);
  EXPECT_EQ(refused.links.at("in/out"), std::filesystem::canonical(outside.path()).string());
  const Found followed = walked(tree, {.follow_links = true});
  EXPECT_EQ(followed.folders.at("in"), (Names{"linked.mkv"}));
  EXPECT_EQ(followed.folders.at("in/out"), (Names{"film.mkv"}));
  EXPECT_EQ(followed.folders.at("in/out/more"), (Names{"other.mkv"}));
  EXPECT_EQ(followed.links.size(), 1U);  // the way back, once
}

TEST(Walk, ObeysIgnoreFilesAlsoOfFoldersAround) {
  const Tree tree;
  tree.write(".revengeignore", "*.avi\nTrash/\n!keep.avi\n/top.mkv\n");
  tree.write("top.mkv");
  tree.write("a/old.avi");
  tree.write("a/keep.avi");
  tree.write("a/top.mkv");
  tree.write("a/Trash/x.mkv");
  tree.write("b/.ignore", "\n");
  tree.write("b/x.mkv");
  tree.write("c/.nomedia", "");
  tree.write("c/d/x.mkv");
  const Found found = walked(tree);
  EXPECT_EQ(found.folders.at(""), (Names{}));
  EXPECT_EQ(found.folders.at("a"), (Names{"keep.avi", "top.mkv"}));
  EXPECT_FALSE(found.folders.contains("a/Trash"));
  EXPECT_EQ(found.folders.at("b"), (Names{}));
  EXPECT_EQ(found.folders.at("c"), (Names{}));
  EXPECT_FALSE(found.folders.contains("c/d"));
  const Found alone = walked(tree, {.below = false}, "a");
  EXPECT_EQ(alone.folders.at("a"), (Names{"keep.avi", "top.mkv"}));
  EXPECT_EQ(alone.folders.size(), 1U);
  EXPECT_TRUE(walked(tree, {}, "a/Trash").folders.empty());
}

TEST(Walk, KeepsNamesThatAreNoUtf8) {
  const Tree tree;
  tree.write("bad\xff\xfe.mkv");
  tree.write("A\xcc\x8a/film.mkv");  // decomposed
  const Found found = walked(tree);
  EXPECT_EQ(found.folders.at(""), (Names{"bad\xff\xfe.mkv"}));
  EXPECT_TRUE(found.folders.contains("A\xcc\x8a"));
}

TEST(Walk, TellsOfWhatCannotBeReadAndGoesOn) {
  const Tree tree;
  tree.write("a/film.mkv");
  tree.folder(std::string(255, 'n'));
  std::string deep = std::string(255, 'n');
  const auto root = Root::open(tree.path());
  // Longer than any path may be: made step by step.
  int folder = ::open(tree.path(deep).c_str(), O_PATH | O_DIRECTORY);
  for (int i = 0; i < 17; ++i) {
    ASSERT_EQ(::mkdirat(folder, std::string(255, 'n').c_str(), 0700), 0);
    const int next = ::openat(folder, std::string(255, 'n').c_str(), O_PATH | O_DIRECTORY);
    ::close(folder);
    folder = next;
  }
  ::close(folder);
  Found found;
  Visited visited;
  walk(*root, "", {}, visited, found);
  ASSERT_EQ(found.errors.size(), 1U);
  EXPECT_EQ(found.errors.begin()->second, ENAMETOOLONG);
  EXPECT_EQ(found.folders.at("a"), (Names{"film.mkv"}));
}

TEST(Walk, EndsWhereItIsTold) {
  const Tree tree;
  for (const char* name : {"a/x.mkv", "b/x.mkv", "c/x.mkv"}) tree.write(name);
  Found found;
  found.most = 2;
  Visited visited;
  walk(*Root::open(tree.path()), "", {}, visited, found);
  EXPECT_EQ(found.folders.size(), 2U);
}

TEST(Root, KnowsWhetherSomebodyWrites) {
  const Tree tree;
  tree.write("film.mkv");
  const auto root = Root::open(tree.path());
  EXPECT_TRUE(root->isClosed("film.mkv"));
  {
    const revenge::File writer(::open(tree.path("film.mkv").c_str(), O_WRONLY | O_CLOEXEC));
    EXPECT_FALSE(root->isClosed("film.mkv"));
  }
  EXPECT_TRUE(root->isClosed("film.mkv"));
  EXPECT_FALSE(root->isClosed("none.mkv"));
}

TEST(Root, RefusesPipesAndFolders) {
  const Tree tree;
  ASSERT_EQ(::mkfifo(tree.path("pipe.mkv").c_str(), 0600), 0);
  tree.folder("folder.mkv");
  const auto root = Root::open(tree.path());
  EXPECT_FALSE(root->openFile("pipe.mkv").has_value());
  EXPECT_FALSE(root->openFile("folder.mkv").has_value());
  EXPECT_TRUE(root->list("")->files.empty());
}

TEST(Path, IsWithinItsFolderAndNoOther) {
  EXPECT_TRUE(isWithin("a/b", "a"));
  EXPECT_TRUE(isWithin("a", "a"));
  EXPECT_TRUE(isWithin("a", ""));
  EXPECT_FALSE(isWithin("ab", "a"));
  EXPECT_EQ(folderOf("a/b/c"), "a/b");
  EXPECT_EQ(folderOf("a"), "");
}

}  // namespace
}  // namespace library::disk
