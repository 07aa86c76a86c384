#include "module/package_finder.hpp"

#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

TEST(PackageFinder, FindsFoldersWithAManifestAndNothingElse) {
  const TempDir root;
  writeFile(root / "thumbs/plugin.json", "{}");
  writeFile(root / "stream/plugin.json", "{}");
  writeFile(root / "notes/readme.txt", "");
  writeFile(root / "plugin.json", "{}");
  const auto found = findPackages(std::vector{root.path()});
  ASSERT_EQ(found.packages.size(), 2u);
  EXPECT_EQ(found.packages[0].id, "stream");
  EXPECT_EQ(found.packages[1].folder, root / "thumbs");
  EXPECT_TRUE(found.problems.empty());
}

TEST(PackageFinder, ShowsBothOfTwoWithOneIdAndUsesTheOneOfTheFirstFolder) {
  const TempDir first;
  const TempDir second;
  writeFile(first / "stream/plugin.json", "{}");
  writeFile(second / "stream/plugin.json", "{}");
  const auto found = findPackages(std::vector{second.path(), first.path()});
  ASSERT_EQ(found.packages.size(), 2u);
  EXPECT_EQ(found.packages[0].folder, second / "stream");
  EXPECT_FALSE(found.packages[0].shadowedBy);
  EXPECT_EQ(found.packages[1].folder, first / "stream");
  EXPECT_EQ(found.packages[1].shadowedBy, second / "stream");
}

TEST(PackageFinder, NamesAFolderThatIsMissingAndGoesOn) {
  const TempDir root;
  writeFile(root / "stream/plugin.json", "{}");
  const auto found = findPackages(std::vector{root / "absent", root.path()});
  EXPECT_EQ(found.packages.size(), 1u);
  ASSERT_EQ(found.problems.size(), 1u);
  EXPECT_EQ(found.problems[0].code, base::Errc::kNotFound);
  EXPECT_NE(found.problems[0].message.find((root / "absent").string()), std::string::npos);
}

TEST(PackageFinder, KeepsAPackageWhoseManifestIsABrokenLinkSoThatItIsReported) {
  const TempDir root;
  fs::create_directories(root / "broken");
  fs::create_symlink("nowhere", root / "broken/plugin.json");
  EXPECT_EQ(findPackages(std::vector{root.path()}).packages.size(), 1u);
}

}  // namespace
}  // namespace revenge::module
