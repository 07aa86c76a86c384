#include "api/library_settings.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "api/library_view.hpp"

namespace library::api {
namespace {

namespace fs = std::filesystem;

class LibrarySettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "revenge-settings-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    for (const char* folder : {"films", "films/old", "shows", "elsewhere"})
      fs::create_directories(root_ / folder);
    std::ofstream(root_ / "file") << "x";
    fs::create_directory_symlink(root_ / "shows", root_ / "linked");
    fs::create_directory_symlink(root_.parent_path(), root_ / "outside");
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string path(const std::string& below) const { return (root_ / below).string(); }
  static std::string body(const std::vector<std::string>& paths, const std::string& more = "") {
    std::string text = R"({"name": "Films", "type": "movie", "paths": [)";
    for (const std::string& one : paths) text += (&one == paths.data() ? "\"" : ", \"") + one + "\"";
    return text + "]" + more + "}";
  }
  std::string faults(const std::string& json, const std::vector<std::string>& kept = {}) const {
    const std::vector<std::string> allowed{root_.string()};
    const auto read = readLibrary(*parseJson(json), {.allowed = allowed, .kept = kept});
    if (read) return "";
    std::string all;
    for (const FieldError& one : read.error()) all += (all.empty() ? "" : " ") + one.field + ":" + one.code;
    return all;
  }

  fs::path root_;
};

// A1.
TEST_F(LibrarySettingsTest, TellsEachFieldThatIsWrongOnce) {
  EXPECT_EQ(faults(R"({"name":"","type":"x","paths":[]})"),
            "/name:REQUIRED /type:NOT_ONE_OF /paths:REQUIRED");
  EXPECT_EQ(faults("{}"), "/name:REQUIRED /type:REQUIRED /paths:REQUIRED");
  EXPECT_EQ(faults(R"({"name":1,"type":[],"paths":"x"})"),
            "/name:WRONG_TYPE /type:WRONG_TYPE /paths:WRONG_TYPE");
  EXPECT_EQ(faults("[]"), ":WRONG_TYPE");
}

TEST_F(LibrarySettingsTest, RefusesFieldsItDoesNotKnow) {
  EXPECT_EQ(faults(body({path("films")}, R"(, "a/b~": 1, "id": "x")")), "/a~1b~0:UNKNOWN /id:UNKNOWN");
}

TEST_F(LibrarySettingsTest, NameHas255CharactersAtMost) {
  const auto named = [&](const std::string& name) {
    return faults(R"({"name":")" + name + R"(","type":"music","paths":[")" + path("films") + "\"]}");
  };
  std::string longest;
  for (int i = 0; i < 255; ++i) longest += "\u00fc";
  EXPECT_EQ(named(longest), "");
  EXPECT_EQ(named(longest + "x"), "/name:TOO_LONG");
  EXPECT_EQ(named("  "), "/name:REQUIRED");
  EXPECT_EQ(named("a\\u0000"), "/name:CONTROL_CHARACTER");
}

TEST_F(LibrarySettingsTest, PathsAreReadableDirectories) {
  EXPECT_EQ(faults(body({path("films"), path("shows")})), "");
  EXPECT_EQ(faults(body({"films"})), "/paths/0:NOT_ABSOLUTE");
  EXPECT_EQ(faults(body({path("films/../shows")})), "/paths/0:NOT_ABSOLUTE");
  EXPECT_EQ(faults(body({path("films") + "\\u0000x"})), "/paths/0:NOT_ABSOLUTE");
  EXPECT_EQ(faults(body({path("nothing"), path("file")})), "/paths/0:NOT_FOUND /paths/1:NOT_A_DIRECTORY");
  EXPECT_EQ(faults(body({"/" + std::string(4095, 'x')})), "/paths/0:TOO_LONG");
}

TEST_F(LibrarySettingsTest, PathsStayInsideWhatIsAllowed) {
  EXPECT_EQ(faults(body({root_.string()})), "");
  EXPECT_EQ(faults(body({"/"})), "/paths/0:NOT_ALLOWED");
  EXPECT_EQ(faults(body({root_.string() + "x"})), "/paths/0:NOT_ALLOWED");
  EXPECT_EQ(faults(body({path("outside")})), "/paths/0:NOT_ALLOWED");
  EXPECT_EQ(faults(body({path("linked")})), "");
}

TEST_F(LibrarySettingsTest, NoPathIsThereTwiceOrInsideAnother) {
  EXPECT_EQ(faults(body({path("films"), path("films/")})), "/paths/1:REPEATED");
  EXPECT_EQ(faults(body({path("shows"), path("linked")})), "/paths/1:REPEATED");
  EXPECT_EQ(faults(body({path("films"), path("films/old")})), "/paths/1:NESTED");
  EXPECT_EQ(faults(body({path("films/old"), path("films")})), "/paths/1:NESTED");
}

// A disk that is away now must not keep its library from being renamed.
TEST_F(LibrarySettingsTest, PathsThatTheLibraryHasNeedNotBeThere) {
  EXPECT_EQ(faults(body({path("unplugged")})), "/paths/0:NOT_FOUND");
  EXPECT_EQ(faults(body({path("unplugged")}), {path("unplugged")}), "");
  EXPECT_EQ(
      faults(body({path("unplugged"), path("unplugged/in")}), {path("unplugged"), path("unplugged/in")}),
      "/paths/1:NESTED");
}

TEST_F(LibrarySettingsTest, PathsAreTidied) {
  const std::vector<std::string> allowed{"/"};
  const auto read = readLibrary(*parseJson(body({"/" + path("films") + "//"})), {.allowed = allowed});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->paths.front(), path("films"));
}

TEST(LibraryView, ShowsWhichRootIsOffline) {
  LibraryView library{.id = {}, .name = "N", .type = "movie", .created_us = 0, .updated_us = 1000};
  library.roots = {{"/a", "online"}, {"/b\xff", "offline", "no such device"}};
  library.items = 2;
  EXPECT_EQ(libraryJson(library),
            R"({"id":"00000000-0000-0000-0000-000000000000","name":"N","type":"movie","paths":["/a","/b)"
            "\xef\xbf\xbd"
            R"("],"state":"offline","roots":[{"path":"/a","state":"online"},{"path":"/b)"
            "\xef\xbf\xbd"
            R"(","state":"offline","reason":"no such device"}],"items":2,"files":0,)"
            R"("created_at":"1970-01-01T00:00:00.000Z","updated_at":"1970-01-01T00:00:00.001Z"})");
}

}  // namespace
}  // namespace library::api
