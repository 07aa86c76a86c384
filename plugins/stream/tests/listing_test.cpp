#include "listing.hpp"

#include <gtest/gtest.h>

#include "page.hpp"

namespace stream {
namespace {

Catalogue catalogueOf(const std::vector<std::string>& paths) {
  std::vector<Entry> entries;
  for (const std::string& path : paths)
    entries.push_back({idOf("/media", path), 0, path, 1536, 1767225600, mediaTypeOf(path)});
  return {{"/media"}, std::move(entries)};
}

std::string textOf(const Catalogue& catalogue, std::size_t index) {
  return text(catalogue.entries()[index].id);
}

TEST(Paging, DefaultsAndEdges) {
  EXPECT_EQ(parsePage({}, {})->offset, 0U);
  EXPECT_EQ(parsePage({}, {})->limit, 100U);
  EXPECT_EQ(parsePage("7", "1000")->limit, 1000U);
  EXPECT_EQ(parsePage("7", "1")->offset, 7U);
}

TEST(Paging, WrongValuesAreNamed) {
  EXPECT_EQ(parsePage({}, "1001").error(), "limit: expected an integer from 1 to 1000, got '1001'");
  EXPECT_EQ(parsePage("-1", {}).error(), "offset: expected an integer from 0 to 1000000000, got '-1'");
  for (const char* bad : {"", " 1", "1 ", "0x1", "1e3", "99999999999999999999", "1.0"}) {
    EXPECT_FALSE(parsePage(bad, {})) << bad;
    EXPECT_FALSE(parsePage({}, bad)) << bad;
  }
}

TEST(Listing, ShowsOnePageInOrder) {
  const Catalogue catalogue = catalogueOf({"c.mkv", "a.mkv", "b/d.mkv"});
  EXPECT_EQ(listJson(catalogue, {1, 1}, Progress::kComplete),
            R"({"total":3,"offset":1,"limit":1,"scanning":false,"items":[{"id":")" + textOf(catalogue, 1) +
                R"(","name":"d.mkv","path":"b/d.mkv","size":1536,"type":"video/x-matroska"}]})"
                "\n");
  EXPECT_TRUE(listJson(catalogue, {0, 3}, Progress::kComplete).contains("},{"));
  EXPECT_TRUE(listJson(catalogue, {3, 10}, Progress::kScanning).contains(R"("scanning":true,"items":[]})"));
}

TEST(Listing, InfoTellsAllOfOneFile) {
  const Catalogue catalogue = catalogueOf({"b/d.mp3"});
  EXPECT_EQ(infoJson(catalogue.entries()[0]),
            R"({"id":")" + textOf(catalogue, 0) +
                R"(","name":"d.mp3","path":"b/d.mp3","size":1536,"type":"audio/mpeg","kind":"audio",)"
                R"("modified_s":1767225600,"url":"/stream/)" +
                textOf(catalogue, 0) + "\"}\n");
}

TEST(Listing, NamesAreEscaped) {
  const std::string json = listJson(catalogueOf({"a\n\"b\xE9.mkv"}), {}, Progress::kComplete);
  EXPECT_TRUE(json.contains("\"name\":\"a\\u000a\\\"b\xEF\xBF\xBD.mkv\"")) << json;
}

TEST(HomePage, ListsLinksThatPlay) {
  const Catalogue catalogue = catalogueOf({"films/a.mkv", "b.mp3"});
  const std::string page = homePage(catalogue, {}, nullptr, Progress::kComplete);
  EXPECT_TRUE(page.contains("2 files"));
  EXPECT_TRUE(page.contains("<bdi>a.mkv</bdi><span class=\"from\"><bdi>films</bdi>")) << page;
  EXPECT_TRUE(page.contains("href=\"/?offset=0&amp;limit=100&amp;play=" + textOf(catalogue, 0) + "\""));
  EXPECT_FALSE(page.contains("<video"));
  EXPECT_FALSE(page.contains("<script"));
  EXPECT_FALSE(page.contains("refresh"));
}

TEST(HomePage, PlaysWhatWasChosen) {
  const Catalogue catalogue = catalogueOf({"a.mkv", "b.mp3"});
  const auto play = [&](std::size_t index) {
    return homePage(catalogue, {}, &catalogue.entries()[index], Progress::kComplete);
  };
  EXPECT_TRUE(play(0).contains("<video controls autoplay playsinline preload=\"metadata\" src=\"/stream/" +
                               textOf(catalogue, 0) + "\""));
  EXPECT_TRUE(play(1).contains("<audio controls"));
  EXPECT_TRUE(play(1).contains(" aria-current=\"true\""));
}

TEST(HomePage, LetsNoNameOutOfItsPlace) {
  const Catalogue catalogue =
      catalogueOf({"<script>x</script>.mkv", "\"><img src=x>/'&.mkv", "a\nb\xE9.mkv"});
  for (const Entry& entry : catalogue.entries()) {
    const std::string page = homePage(catalogue, {}, &entry, Progress::kComplete);
    EXPECT_FALSE(page.contains("<script"));
    EXPECT_FALSE(page.contains("<img"));
    EXPECT_FALSE(page.contains('\xE9'));
  }
}

TEST(HomePage, PagesBothWays) {
  const Catalogue catalogue = catalogueOf({"a.mkv", "b.mkv", "c.mkv"});
  const std::string first = homePage(catalogue, {0, 1}, nullptr, Progress::kComplete);
  EXPECT_FALSE(first.contains("rel=\"prev\""));
  EXPECT_TRUE(first.contains("rel=\"next\" href=\"/?offset=1&amp;limit=1\""));
  const std::string last = homePage(catalogue, {2, 1}, nullptr, Progress::kComplete);
  EXPECT_TRUE(last.contains("rel=\"prev\" href=\"/?offset=1&amp;limit=1\""));
  EXPECT_FALSE(last.contains("rel=\"next\""));
}

TEST(HomePage, ComesBackWhileTheLibraryIsRead) {
  EXPECT_TRUE(homePage({}, {}, nullptr, Progress::kScanning).contains("http-equiv=\"refresh\""));
  EXPECT_TRUE(homePage({}, {}, nullptr, Progress::kComplete).contains("No media files here yet"));
}

TEST(ReadableSize, StepsBy1024) {
  EXPECT_EQ(readableSize(0), "0 B");
  EXPECT_EQ(readableSize(1023), "1023 B");
  EXPECT_EQ(readableSize(1024), "1.0 KiB");
  EXPECT_EQ(readableSize(1536), "1.5 KiB");
  EXPECT_EQ(readableSize(1610612736), "1.5 GiB");
  EXPECT_EQ(readableSize(~std::uint64_t{0}), "16777215.9 TiB");
}

}  // namespace
}  // namespace stream
