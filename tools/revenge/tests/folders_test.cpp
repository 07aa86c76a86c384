// What is written to folders: a new plugin, numbered packages, and the watch over a source.
#include <fstream>

#include <gmock/gmock.h>

#include "revenge/new_plugin.hpp"
#include "revenge/packages.hpp"
#include "revenge/source_watch.hpp"

namespace revenge::author {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Files = std::vector<std::string>;

class FoldersTest : public testing::Test {
 protected:
  FoldersTest() {
    std::string name = (fs::temp_directory_path() / "revenge-author-XXXXXX").string();
    root_ = fs::canonical(::mkdtemp(name.data()));
  }
  ~FoldersTest() override { fs::remove_all(root_); }

  void write(const fs::path& file, std::string_view text) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  Product built(std::string_view version, std::string_view library) const {
    write("out/hello/plugin.json",
          fmt::format("{{\"id\": \"hello\", \"version\": \"{}\", \"sha256\": \"{}\"}}\n", version, library));
    write("out/hello/hello.so", library);
    return {"hello", "hello", root_ / "out" / "hello"};
  }

  fs::path root_;
};

TEST_F(FoldersTest, ANewPluginIsTheTemplateUnderItsOwnName) {
  Installation here{{}, REVENGE_TEMPLATE, root_ / "prefix"};
  ASSERT_TRUE(makePlugin({"my-store", root_ / "my-store"}, here));
  EXPECT_THAT(*readText(root_ / "my-store" / "plugin.json"), HasSubstr("\"id\": \"my-store\""));
  EXPECT_THAT(*readText(root_ / "my-store" / "plugin.cpp"),
              HasSubstr("REVENGE_PLUGIN(my_store::MyStorePlugin)"));
  EXPECT_THAT(*readText(root_ / "my-store" / "RevengeSDK.local.cmake"),
              HasSubstr((root_ / "prefix").string()));
  EXPECT_THAT(*readText(root_ / "my-store" / ".gitignore"), HasSubstr("/RevengeSDK.local.cmake"));
  EXPECT_THAT(makePlugin({"my-store", root_ / "my-store"}, here).error().message,
              HasSubstr("exists and is not empty"));
}

TEST_F(FoldersTest, AnInstallationIsFoundFromItsProgramsAndFromABuildTree) {
  for (const char* file :
       {"bin/revenge", "share/revenge/template/plugin.json", "lib/cmake/RevengeSDK/RevengeSDKConfig.cmake"})
    write(file, "");
  for (const char* program : {"libexec/revenge/revenge-new", "bin/revenge-new"}) {
    const Installation found = installationOf(root_ / program);
    EXPECT_EQ(found.host, root_ / "bin" / "revenge");
    EXPECT_EQ(found.plugin_template, root_ / "share" / "revenge" / "template");
    EXPECT_EQ(found.sdk, root_);
  }
  EXPECT_TRUE(installationOf("/nowhere/bin/revenge-new").host.empty());
}

TEST_F(FoldersTest, APackageIsNumberedAndTheOldOnesGo) {
  Packages packages(root_ / "dev");
  const auto first = packages.add(built("0.1.0", "one"));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->version, "0.1.0+1");
  EXPECT_EQ(first->folder, root_ / "dev" / "1" / "hello");
  EXPECT_EQ(*readText(first->folder / "hello.so"), "one");
  EXPECT_THAT(*readText(first->folder / "plugin.json"), HasSubstr("\"version\": \"0.1.0+1\""));
  EXPECT_THAT(*readText(root_ / "out/hello/plugin.json"), HasSubstr("\"version\": \"0.1.0\""));
  const auto second = packages.add(built("0.1.0", "two"));
  const auto third = packages.add(built("0.1.0", "three"));
  EXPECT_EQ(third->version, "0.1.0+3");
  fs::create_directories(root_ / "dev" / "host");
  packages.keepOnly({third->folder, second->folder});
  EXPECT_FALSE(fs::exists(first->folder.parent_path()));
  EXPECT_TRUE(fs::exists(second->folder));
  EXPECT_TRUE(fs::exists(root_ / "dev" / "host"));
  EXPECT_EQ(Packages(root_ / "dev").add(built("0.1.0", "four"))->version, "0.1.0+4");
}

TEST_F(FoldersTest, ACopyOfWhatIsBuiltIsKnown) {
  Packages packages(root_ / "dev");
  const Product one = built("0.1.0", "one");
  const auto copy = packages.add(one);
  EXPECT_EQ(Packages::numberedCopy(one, copy->folder), "0.1.0+1");
  EXPECT_EQ(Packages::numberedCopy(one, one.package), "");
  EXPECT_EQ(Packages::numberedCopy(built("0.1.0", "two"), copy->folder), "");
  EXPECT_EQ(Packages::numberedCopy(one, root_ / "nowhere"), "");
}

TEST_F(FoldersTest, AWatchTellsOfSourceAlone) {
  write("source/plugin.cpp", "");
  write("source/build/x.cpp", "");
  write("source/build-sanitized/CMakeCache.txt", "");
  auto watch = SourceWatch::open(root_ / "source", root_ / "source" / "build");
  ASSERT_TRUE(watch) << watch.error().message;
  Changes changes;
  write("source/build/x.cpp", "1");
  write("source/build-sanitized/y.cpp", "1");
  write("source/.plugin.cpp.swp", "1");
  write("source/plugin.cpp~", "1");
  ASSERT_TRUE(watch->drain(changes, {}));
  EXPECT_FALSE(changes.any());
  write("source/plugin.cpp", "1");
  ASSERT_TRUE(watch->drain(changes, {}));
  EXPECT_EQ(changes.take().files, Files{"plugin.cpp"});
  write("source/domain/a.cpp", "1");
  ASSERT_TRUE(watch->drain(changes, {}));
  EXPECT_TRUE(changes.take().unknown);
  write("source/domain/a.cpp", "2");
  ASSERT_TRUE(watch->drain(changes, {}));
  EXPECT_EQ(changes.take().files, Files{"domain/a.cpp"});
}

}  // namespace
}  // namespace revenge::author
