#include "module/package_store.hpp"

#include <algorithm>
#include <csignal>

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "unit/module/archive_fixture.hpp"
#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string manifestOf(std::string_view id, std::string_view version) {
  return fmt::format(R"({{"id": "{}", "version": "{}", "abi": 1, "licence": "MIT", "description": "x"}})", id,
                     version);
}

class PackageStoreTest : public testing::Test {
 protected:
  PackageStoreTest() { open(); }
  void open() { store_ = std::move(*PackageStore::open(root_ / "packages")); }

  std::string packageOf(std::string_view version, std::string_view library = "code") {
    return written({{"data/x.txt", "rows"},
                    {"hello.so", std::string(library)},
                    {"plugin.json", manifestOf("hello", version)}});
  }
  base::Result<PackageStore::Kept> install(std::string_view archive) {
    auto incoming = store_->receive();
    if (!incoming) return std::unexpected(incoming.error());
    if (auto taken = incoming->take(archive); !taken) return std::unexpected(taken.error());
    const auto manifest = incoming->finish();
    if (!manifest) return std::unexpected(manifest.error());
    return store_->keep(std::move(*incoming), *manifest);
  }
  std::string refused(std::string_view archive) {
    const auto kept = install(archive);
    return kept ? "kept" : kept.error().message;
  }
  std::vector<std::string> versions() {
    std::vector<std::string> texts;
    for (const auto& package : store_->versions("hello")) texts.push_back(package.version.text());
    return texts;
  }
  std::vector<std::string> entries() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_ / "packages"))
      names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }

  TempDir root_;
  std::unique_ptr<PackageStore> store_;
};

TEST_F(PackageStoreTest, KeepsVersionsSideBySideTheHighestFirst) {
  for (const char* version : {"0.9.0", "0.10.0", "0.10.0-rc.1", "0.10.0+2"}) {
    const auto kept = install(packageOf(version));
    ASSERT_TRUE(kept) << kept.error().message;
    EXPECT_TRUE(kept->anew);
    EXPECT_EQ(readFile(kept->folder / "data/x.txt"), "rows");
    struct stat status{};
    ASSERT_EQ(::stat((kept->folder / "hello.so").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0644u);
    EXPECT_TRUE(store_->holds(kept->folder));
  }
  EXPECT_THAT(versions(), ElementsAre("0.10.0+2", "0.10.0", "0.10.0-rc.1", "0.9.0"));
  EXPECT_THAT(store_->ids(), ElementsAre("hello"));
  EXPECT_TRUE(store_->versions("..").empty());
}

TEST_F(PackageStoreTest, TakesTheSamePackageTwiceAndNoOtherOneOfItsVersion) {
  const auto first = install(packageOf("0.1.0"));
  const auto again = install(packageOf("0.1.0"));
  ASSERT_TRUE(first && again);
  EXPECT_FALSE(again->anew);
  EXPECT_EQ(again->folder, first->folder);
  EXPECT_THAT(refused(packageOf("0.1.0", "other code")),
              HasSubstr("hello 0.1.0 is installed already, with another content"));
  EXPECT_EQ(readFile(first->folder / "hello.so"), "code");
  EXPECT_THAT(entries(), ElementsAre("hello"));
}

TEST_F(PackageStoreTest, LeavesNothingOfWhatIsRefused) {
  const auto outside = root_ / "evil";
  for (const std::string& archive :
       {entry("a", "1") + entry("../evil", "x") + end(),
        entry("a/b", "1") + entry("x", "", {.type = '2', .link = "/"}), packageOf("0.1.0").substr(0, 1500),
        written({{"hello.so", "code"}}), written({{"plugin.json", "{"}}),
        written({{"plugin.json", manifestOf("../x", "0.1.0")}}),
        written({{"plugin.json", manifestOf("hello", "../1")}})}) {
    EXPECT_NE(refused(archive), "kept");
    EXPECT_TRUE(entries().empty());
  }
  EXPECT_FALSE(fs::exists(outside));
  EXPECT_THAT(refused(written({{"hello.so", "code"}})), HasSubstr("it holds no plugin.json"));
}

TEST_F(PackageStoreTest, AFullDiskLeavesTheVersionsThatWereThere) {
  ASSERT_TRUE(install(packageOf("0.1.0")));
  struct rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit full{4096, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &full);
  const auto message = refused(packageOf("0.2.0", std::string(100'000, 'x')));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  EXPECT_THAT(message, HasSubstr("hello.so: cannot be written: File too large"));
  EXPECT_THAT(versions(), ElementsAre("0.1.0"));
  EXPECT_THAT(entries(), ElementsAre("hello"));
}

TEST_F(PackageStoreTest, WhatACrashLeftIsGoneAtTheNextStart) {
  ASSERT_TRUE(install(packageOf("0.1.0")));
  writeFile(root_ / "packages/.new-abcdef/hello.so", "half");
  writeFile(root_ / "packages/.old-abcdef/plugin.json", "half");
  open();
  EXPECT_THAT(entries(), ElementsAre("hello"));
  EXPECT_THAT(versions(), ElementsAre("0.1.0"));
}

TEST_F(PackageStoreTest, RemovesAVersionWholeAndTheFolderOfTheLast) {
  const auto first = install(packageOf("0.1.0"));
  const auto second = install(packageOf("0.2.0"));
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(store_->remove(first->folder));
  EXPECT_THAT(versions(), ElementsAre("0.2.0"));
  EXPECT_EQ(store_->remove(first->folder).error().code, base::Errc::kNotFound);
  EXPECT_TRUE(store_->remove(second->folder));
  EXPECT_TRUE(entries().empty());
}

TEST(PackageFile, HasTheBytesOfNamesAndContentsAlone) {
  const TempDir root;
  for (const char* folder : {"one", "two"}) {
    writeFile(root / folder / "plugin.json", "{}");
    writeFile(root / folder / "data/inner/table.txt", "rows");
  }
  ::chmod((root / "two/plugin.json").c_str(), 0600);
  fs::last_write_time(root / "two/plugin.json", fs::file_time_type());
  fs::create_directories(root / "two/empty");
  EXPECT_EQ(packageSha256(root / "one").value(), packageSha256(root / "two").value());
  writeFile(root / "two/plugin.json", "{} ");
  EXPECT_NE(packageSha256(root / "one").value(), packageSha256(root / "two").value());
}

TEST(PackageFile, RefusesLinksAndPipesInAFolder) {
  const TempDir root;
  writeFile(root / "hello/plugin.json", "{}");
  fs::create_symlink("/etc/passwd", root / "hello/linked");
  EXPECT_THAT(packageSha256(root / "hello").error().message, HasSubstr("linked' is no regular file"));
  fs::remove(root / "hello/linked");
  ASSERT_EQ(::mkfifo((root / "hello/pipe").c_str(), 0600), 0);
  EXPECT_THAT(packageSha256(root / "hello").error().message, HasSubstr("pipe' is no regular file"));
}

}  // namespace
}  // namespace revenge::module
