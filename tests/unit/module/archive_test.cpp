#include "module/archive.hpp"

#include <gmock/gmock.h>

#include "unit/module/archive_fixture.hpp"

namespace revenge::module {
namespace {

using testing::HasSubstr;

TEST(Archive, IsReadBackInPiecesOfAnySize) {
  const std::map<std::string, std::string> files{{"a", ""},
                                                 {"data/x.txt", std::string(513, 'x')},
                                                 {"hello.so", std::string(512, 'h')},
                                                 {"plugin.json", "{}"}};
  const auto archive = written(files);
  EXPECT_EQ(archive.size() % 512, 0u);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{511}, std::size_t{512}, archive.size()}) {
    Collected collected;
    EXPECT_EQ(refusal(archive, {}, piece, &collected), "accepted");
    EXPECT_EQ(collected.files, files);
  }
}

TEST(Archive, HasTheSameBytesOfTheSameFilesAndNothingElseInThem) {
  const auto archive = written({{"plugin.json", "{}"}});
  EXPECT_EQ(archive, written({{"plugin.json", "{}"}}));
  EXPECT_EQ(archive.size(), 4u * 512);
  EXPECT_EQ(archive.substr(0, 12), std::string("plugin.json\0", 12));
  EXPECT_EQ(archive.substr(100, 8), std::string("0000644\0", 8));
  EXPECT_EQ(archive.substr(108, 16), std::string("0000000\0000000000\0", 16));
  EXPECT_EQ(archive.substr(124, 24), std::string("00000000002\00000000000000\0", 24));
  EXPECT_EQ(archive.substr(257, 8), std::string("ustar\00000", 8));
}

TEST(Archive, TakesNamesAsLongAsTheFormatHasRoomFor) {
  const std::string folder(100, 'd');
  const std::string longest = folder + "/" + std::string(100, 'f');
  Collected collected;
  EXPECT_EQ(refusal(written({{longest, "x"}}), {}, 512, &collected), "accepted");
  EXPECT_EQ(collected.files.begin()->first, longest);
  ArchiveWriter writer([](std::string_view) { return base::Result<>(); });
  EXPECT_THAT(writer.file(std::string(101, 'f'), 0).error().message, HasSubstr("too long"));
}

TEST(Archive, RefusesEveryNameThatLeavesItsFolderOrHidesSomething) {
  const std::vector<std::pair<std::string, std::string_view>> cases{
      {"/etc/passwd", "/etc/passwd: an absolute path"},
      {"../evil", "../evil: a path that leaves the folder"},
      {"a/../../evil", "a path that leaves the folder"},
      {"a/..", "a path that leaves the folder"},
      {"./a", "a path with an empty part or a dot"},
      {"a//b", "a path with an empty part or a dot"},
      {"a/", "a path with an empty part or a dot"},
      {"a\nb", "no printable UTF-8"},
      {"a\x1b[2J", "no printable UTF-8"},
      {"a\xff", "no printable UTF-8"},
      {"a\xe2\x80\xae"
       "gpj.so",
       "no printable UTF-8"},
      {"", "a file without a name"},
      {"1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", "more than 16 folders deep"},
  };
  for (const auto& [name, why] : cases) {
    const auto message = refusal(entry(name, "x") + end());
    EXPECT_THAT(message, HasSubstr(std::string(why)));
    EXPECT_EQ(message.find('\n'), std::string::npos);
    EXPECT_EQ(message.find('\x1b'), std::string::npos);
  }
}

TEST(Archive, RefusesEverythingThatIsNoRegularFile) {
  const std::vector<std::pair<char, std::string_view>> cases{{'1', "a hard link"},
                                                             {'2', "a symbolic link"},
                                                             {'3', "a device"},
                                                             {'4', "a device"},
                                                             {'5', "a folder of its own"},
                                                             {'6', "a pipe"},
                                                             {'7', "no regular"},
                                                             {'x', "an extension of the format"},
                                                             {'L', "an extension of the format"},
                                                             {'S', "no regular"}};
  for (const auto& [type, why] : cases)
    EXPECT_THAT(refusal(entry("x", "", {.type = type}) + end()), HasSubstr(std::string(why))) << type;
  EXPECT_THAT(refusal(entry("x", "", {.link = "/etc/passwd"}) + end()), HasSubstr("names another one"));
  EXPECT_EQ(refusal(entry("x", "", {.type = '\0'}) + end()), "accepted");
}

TEST(Archive, RefusesTwoFilesInOnePlace) {
  const std::string file = entry("a", "1");
  EXPECT_THAT(refusal(file + file + end()), HasSubstr("a: a second file of that name"));
  EXPECT_THAT(refusal(file + entry("a/b", "2") + end()), HasSubstr("a/b: a file below the file a"));
  EXPECT_THAT(refusal(entry("a/b", "2") + file + end()), HasSubstr("a: a second file of that name"));
}

TEST(Archive, RefusesWhatIsTooMuchBeforeAnyOfItIsWritten) {
  const CopyLimits limits{.bytes = 1000, .files = 3, .depth = 16};
  Collected collected;
  EXPECT_THAT(refusal(entry("bomb", "", {.size = "77777777777"}), limits, 512, &collected),
              HasSubstr("bomb: together the files are larger than 1000 bytes"));
  EXPECT_TRUE(collected.files.empty());
  EXPECT_THAT(refusal(entry("a", std::string(600, 'a')) + entry("b", std::string(401, 'b')), limits),
              HasSubstr("b: together the files are larger"));
  EXPECT_EQ(refusal(entry("a", std::string(600, 'a')) + entry("b", std::string(400, 'b')) + end(), limits),
            "accepted");
  std::string many;
  for (const char name : {'a', 'b', 'c', 'd'}) many += entry(std::string(1, name), "");
  EXPECT_THAT(refusal(many + end(), limits), HasSubstr("more than 3 files"));
  EXPECT_THAT(refusal(entry("a/b/c/d", "") + end(), limits), HasSubstr("more than 3 files"));
}

TEST(Archive, RefusesWhatIsDamagedCutShortOrFollowed) {
  const std::string file = entry("a", "content");
  const std::string whole = file + end();
  EXPECT_EQ(refusal(whole + std::string(8 * 512, '\0')), "accepted");  // as other programs fill a record
  for (const std::size_t size : {std::size_t{1}, std::size_t{511}, std::size_t{512}, std::size_t{515},
                                 file.size(), file.size() + 512, whole.size() - 1}) {
    EXPECT_EQ(refusal(whole.substr(0, size)), "the archive is cut short") << size;
  }
  EXPECT_EQ(refusal(""), "the archive is empty");
  EXPECT_THAT(refusal(whole + "x"), HasSubstr("something follows the end"));
  EXPECT_THAT(refusal(whole + std::string(20 * 512, '\0')), HasSubstr("something follows the end"));
  EXPECT_THAT(refusal(file + std::string(512, '\0') + file + end()), HasSubstr("a block of zeros between"));
  std::string spoilt = whole;
  spoilt[1] = 'x';
  EXPECT_THAT(refusal(spoilt), HasSubstr("the checksum of a header is wrong"));
  spoilt = whole;
  spoilt[512 + 8] = 'x';
  EXPECT_THAT(refusal(spoilt), HasSubstr("something stands between its files"));
  EXPECT_THAT(refusal(std::string(1024, 'x')), HasSubstr("it is no ustar archive"));
  EXPECT_THAT(refusal("\x1f\x8b" + std::string(1024, 'x')),
              HasSubstr("it is compressed, which a package is not"));
  for (const char* size : {"", "9", "-1", "0000000000x", "\x80\x01"})
    EXPECT_THAT(refusal(entry("a", "", {.size = size}) + end()), HasSubstr("its size is no number")) << size;
}

TEST(Archive, StaysRefused) {
  Collected collected;
  ArchiveReader reader(collected, {});
  EXPECT_FALSE(reader.take(entry("../x", "")));
  EXPECT_FALSE(reader.take(entry("a", "") + end()));
  EXPECT_FALSE(reader.finish());
  EXPECT_TRUE(collected.files.empty());
}

TEST(Archive, IsNotWrittenOutOfOrderOrOfFilesThatChange) {
  ArchiveWriter writer([](std::string_view) { return base::Result<>(); });
  ASSERT_TRUE(writer.file("b", 2));
  EXPECT_THAT(writer.content("abc").error().message, HasSubstr("b: grew"));
  ASSERT_TRUE(writer.content("a"));
  EXPECT_THAT(writer.finish().error().message, HasSubstr("b: shrank"));
  ASSERT_TRUE(writer.content("b"));
  EXPECT_THAT(writer.file("a", 0).error().message, HasSubstr("a: out of order"));
  EXPECT_THAT(writer.file("../c", 0).error().message, HasSubstr("leaves the folder"));
}

}  // namespace
}  // namespace revenge::module
