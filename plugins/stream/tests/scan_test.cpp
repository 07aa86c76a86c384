#include "scan.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/media_folder.hpp"

namespace stream {
namespace {

using testing::MediaFolder;
namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

class Scan : public ::testing::Test {
 protected:
  ScanReport run() { return scan(options_); }
  Paths paths() { return pathsOf(run()); }
  static Paths pathsOf(const ScanReport& report) {
    Paths paths;
    for (const Entry& entry : report.entries) paths.push_back(entry.path);
    std::ranges::sort(paths);
    return paths;
  }

  MediaFolder folder_;
  ScanOptions options_{.folders = {folder_.text()}};
};

TEST_F(Scan, FindsMediaFilesAtEveryDepthAndNothingElse) {
  folder_.write("film.mkv", "12345");
  folder_.write("music/album/song.flac");
  folder_.write("notes.txt");
  folder_.write("page.html");
  const ScanReport report = run();
  EXPECT_EQ(pathsOf(report), (Paths{"film.mkv", "music/album/song.flac"}));
  EXPECT_TRUE(report.problems.empty());
  const auto film = std::ranges::find(report.entries, "film.mkv", &Entry::path);
  EXPECT_EQ(film->size, 5U);
  EXPECT_EQ(film->type->mime, "video/x-matroska");
  EXPECT_EQ(film->id, idOf(folder_.text(), "film.mkv"));
}

TEST_F(Scan, NamesAreBytes) {
  const Paths names{"a\nb.mkv", "caf\xE9.mkv", "q\"uo'te.mkv"};
  for (const std::string& name : names) folder_.write(name);
  EXPECT_EQ(paths(), names);
}

TEST_F(Scan, HiddenNamesOnlyWhenAskedFor) {
  folder_.write(".film.mkv");
  folder_.write(".trash/film.mkv");
  EXPECT_EQ(paths(), Paths{});
  options_.hidden = true;
  EXPECT_EQ(paths(), (Paths{".film.mkv", ".trash/film.mkv"}));
}

TEST_F(Scan, FollowsLinksInsideAndEndsInCircles) {
  folder_.write("a/film.mkv");
  folder_.link("a/up", "..");
  folder_.link("a/self", ".");
  folder_.link("b", "a");
  folder_.link("link.mkv", "a/film.mkv");
  EXPECT_EQ(paths(), (Paths{"a/film.mkv", "link.mkv"}));
}

TEST_F(Scan, RefusesLinksThatLeadOutAndSaysSo) {
  MediaFolder outside;
  outside.write("secret.mkv");
  folder_.link("out", outside.path());
  folder_.link("out.mkv", outside.path() / "secret.mkv");
  folder_.link("dangling.mkv", "nowhere.mkv");
  const ScanReport report = run();
  EXPECT_TRUE(report.entries.empty());
  EXPECT_TRUE(report.problems.empty());
  EXPECT_EQ(report.refusals.size(), 2U);
}

TEST_F(Scan, SkipsPipesAndFoldersNamedLikeFilms) {
  ASSERT_EQ(::mkfifo((folder_.path() / "pipe.mkv").c_str(), 0644), 0);
  fs::create_directory(folder_.path() / "folder.mkv");
  folder_.link("link.mkv", "pipe.mkv");
  EXPECT_EQ(paths(), Paths{});
}

TEST_F(Scan, AMissingFolderIsAProblemAndTheOthersAreListed) {
  folder_.write("film.mkv");
  options_.folders = {folder_.text() + "/none", folder_.text()};
  const ScanReport report = run();
  EXPECT_EQ(pathsOf(report), Paths{"film.mkv"});
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0], "folder " + folder_.text() + "/none: No such file or directory");
}

TEST_F(Scan, AnUnreadableFolderIsAProblemAndTheOthersAreListed) {
  folder_.write("open/film.mkv");
  folder_.write("closed/film.mkv");
  fs::permissions(folder_.path() / "closed", fs::perms::none);
  EXPECT_EXIT(
      {
        if (::geteuid() == 0 && (::setegid(65534) != 0 || ::seteuid(65534) != 0)) ::_exit(2);
        const ScanReport report = run();
        const bool told =
            report.problems.size() == 1 && report.problems[0].contains("closed: Permission denied");
        ::_exit(pathsOf(report) == Paths{"open/film.mkv"} && told ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
  fs::permissions(folder_.path() / "closed", fs::perms::owner_all);
}

TEST_F(Scan, StopsAtTheLimitAndSaysSo) {
  for (const char* name : {"a.mkv", "b.mkv", "c.mkv"}) folder_.write(name);
  options_.maxFiles = 3;
  EXPECT_FALSE(run().truncated);
  options_.maxFiles = 2;
  const ScanReport report = run();
  EXPECT_TRUE(report.truncated);
  EXPECT_EQ(report.entries.size(), 2U);
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_TRUE(report.problems[0].contains("max_files"));
}

TEST_F(Scan, EndsWhenCancelled) {
  folder_.write("a/film.mkv");
  const ScanReport report = scan(options_, {.cancelled = [] { return true; }});
  EXPECT_TRUE(report.cancelled);
  EXPECT_TRUE(report.entries.empty());
}

TEST_F(Scan, ReportsProgressAtEachDoubling) {
  for (int i = 0; i < 600; ++i) folder_.write(std::to_string(i) + ".mp3");
  std::vector<std::size_t> seen;
  const ScanReport report = scan(
      options_, {.progress = [&](const std::vector<Entry>& entries) { seen.push_back(entries.size()); }});
  EXPECT_EQ(seen, (std::vector<std::size_t>{256, 512}));
  EXPECT_EQ(report.entries.size(), 600U);
}

}  // namespace
}  // namespace stream
