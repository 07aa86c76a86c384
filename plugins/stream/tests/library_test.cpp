#include "library.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/media_folder.hpp"

namespace stream {
namespace {

using testing::MediaFolder;
namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

bool never() { return false; }

class LibraryTest : public ::testing::Test {
 protected:
  Paths paths() const {
    Paths paths;
    for (const Entry& entry : library_.catalogue()->entries()) paths.push_back(entry.path);
    return paths;
  }
  bool scan() { return library_.scan(never).has_value(); }
  Opened<revenge::File> open(const std::string& path) const {
    const CataloguePtr catalogue = library_.catalogue();
    const auto entry = std::ranges::find(catalogue->entries(), path, &Entry::path);
    return Library::open(*catalogue, *entry, Wait::kAllowed);
  }

  MediaFolder one_, two_;
  Library library_{ScanOptions{.folders = {one_.text(), two_.text()}}};
};

TEST_F(LibraryTest, IsCompleteAfterItsFirstScan) {
  one_.write("film.mkv");
  EXPECT_FALSE(library_.isComplete());
  EXPECT_EQ(paths(), Paths{});
  EXPECT_TRUE(scan());
  EXPECT_TRUE(library_.isComplete());
  EXPECT_EQ(paths(), Paths{"film.mkv"});
}

TEST_F(LibraryTest, ARequestKeepsTheCatalogueItBeganWith) {
  one_.write("film.mkv");
  scan();
  const CataloguePtr before = library_.catalogue();
  fs::remove(one_.path() / "film.mkv");
  scan();
  EXPECT_EQ(before->entries().size(), 1U);
  EXPECT_EQ(paths(), Paths{});
}

TEST_F(LibraryTest, AnIdNamesOneFileThroughEveryScan) {
  one_.write("film.mkv", "one");
  two_.write("film.mkv", "two!");
  scan();
  const Fingerprint id = idOf(two_.text(), "film.mkv");
  one_.write("another.mkv");
  scan();
  const CataloguePtr catalogue = library_.catalogue();
  ASSERT_NE(catalogue->find(id), nullptr);
  EXPECT_EQ(catalogue->find(id)->size, 4U);
  EXPECT_EQ(catalogue->find({1, 2}), nullptr);
}

TEST_F(LibraryTest, AFileThatWentIsMissingUntilTheNextScanForgetsIt) {
  one_.write("film.mkv");
  scan();
  fs::remove(one_.path() / "film.mkv");
  EXPECT_EQ(open("film.mkv").error().why, OpenError::Why::kMissing);
}

TEST_F(LibraryTest, AFileExchangedForALinkOutIsRefused) {
  one_.write("film.mkv");
  scan();
  fs::remove(one_.path() / "film.mkv");
  one_.link("film.mkv", two_.write("secret.mkv"));
  EXPECT_EQ(open("film.mkv").error().why, OpenError::Why::kOutside);
}

TEST_F(LibraryTest, OpensNamesByTheirBytes) {
  one_.write("caf\xE9\n\".mkv");
  scan();
  EXPECT_TRUE(open("caf\xE9\n\".mkv"));
}

TEST_F(LibraryTest, AFolderThatComesBackIsListedAgain) {
  const fs::path mount = one_.path() / "mount";
  library_.use({.folders = {mount.string()}});
  scan();
  EXPECT_EQ(library_.problems().size(), 1U);
  one_.write("mount/film.mkv");
  scan();
  EXPECT_EQ(paths(), Paths{"film.mkv"});
  EXPECT_TRUE(library_.problems().empty());
}

TEST_F(LibraryTest, AProblemIsNewsOnce) {
  library_.use({.folders = {one_.text() + "/none"}});
  EXPECT_EQ(library_.scan(never)->problems.size(), 1U);
  EXPECT_EQ(library_.scan(never)->problems.size(), 0U);
  EXPECT_EQ(library_.problems().size(), 1U);
}

TEST_F(LibraryTest, ARemovedFolderIsNoLongerServedFromThatMoment) {
  one_.write("film.mkv");
  two_.write("song.mp3");
  scan();
  library_.use({.folders = {two_.text()}});
  EXPECT_EQ(paths(), Paths{"song.mp3"});
  EXPECT_TRUE(open("song.mp3"));
}

TEST_F(LibraryTest, HiddenFilesGoAtOnceWithTheirPermission) {
  one_.write(".secret/film.mkv");
  library_.use({.folders = {one_.text()}, .hidden = true});
  scan();
  EXPECT_EQ(paths(), Paths{".secret/film.mkv"});
  library_.use({.folders = {one_.text()}});
  EXPECT_EQ(paths(), Paths{});
}

TEST_F(LibraryTest, AScanUnderOldOptionsIsThrownAwayAndRepeated) {
  one_.write("film.mkv");
  two_.write("song.mp3");
  int asked = 0;
  library_.scan([&] {
    if (asked++ == 0) {
      library_.use({.folders = {two_.text()}});
      EXPECT_FALSE(library_.scan(never)) << "one at a time";
    }
    return false;
  });
  EXPECT_EQ(paths(), Paths{"song.mp3"});
}

TEST_F(LibraryTest, ACancelledScanChangesNothing) {
  one_.write("film.mkv");
  scan();
  one_.write("other.mkv");
  EXPECT_FALSE(library_.scan([] { return true; }));
  EXPECT_EQ(paths(), Paths{"film.mkv"});
}

TEST_F(LibraryTest, TheNextVersionBeginsWithWhatTheLastOneKnew) {
  one_.write("a\nb\xE9.mkv", "123");
  scan();
  StateWriter out;
  library_.save(out);
  const std::string state = out.take();

  Library next(ScanOptions{.folders = {two_.text(), one_.text()}});
  StateReader in(state);
  ASSERT_TRUE(next.restore(in));
  EXPECT_TRUE(in.atEnd());
  EXPECT_TRUE(next.isComplete());
  const CataloguePtr catalogue = next.catalogue();
  const Entry* entry = catalogue->find(idOf(one_.text(), "a\nb\xE9.mkv"));
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->size, 3U);
  EXPECT_TRUE(Library::open(*catalogue, *entry, Wait::kAllowed));
}

TEST_F(LibraryTest, AFolderTheNextVersionDoesNotHaveIsNotRestored) {
  one_.write("film.mkv");
  scan();
  StateWriter out;
  library_.save(out);
  const std::string state = out.take();
  Library next(ScanOptions{.folders = {two_.text()}});
  StateReader in(state);
  ASSERT_TRUE(next.restore(in));
  EXPECT_TRUE(next.catalogue()->entries().empty());
}

TEST_F(LibraryTest, StateCutAnywhereIsRefused) {
  one_.write("film.mkv");
  scan();
  StateWriter out;
  library_.save(out);
  const std::string state = out.take();
  for (std::size_t length = 0; length < state.size(); ++length) {
    Library next(ScanOptions{.folders = {one_.text()}});
    StateReader in(std::string_view(state).substr(0, length));
    EXPECT_FALSE(next.restore(in)) << length;
  }
}

TEST(CheckFolders, AcceptsSeparateAbsoluteFolders) {
  EXPECT_TRUE(checkFolders({}));
  EXPECT_TRUE(checkFolders({"/films", "/films2", "/music/"}));
}

TEST(CheckFolders, RefusesWhatWouldBeListedTwiceAndNamesIt) {
  EXPECT_EQ(
      checkFolders({"/media", "/media/films"}).error(),
      "folders/1: '/media/films' lies within folders/0, whose files it would list twice; remove one of them");
  EXPECT_FALSE(checkFolders({"/media/films/", "/media/./films"}));
  EXPECT_FALSE(checkFolders({"/", "/media"}));
  EXPECT_EQ(checkFolders({"films"}).error(), "folders/0: expected an absolute path, got 'films'");
}

}  // namespace
}  // namespace stream
