#include "config/mounts.hpp"

#include <gmock/gmock.h>

#include "folder_fixture.hpp"

namespace revenge::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Mounts : public ConfigFolder {
 protected:
  std::string line(const std::string& point) const {
    return "36 35 98:0 /x " + point + " rw,noatime shared:1 - ext4 /dev/root rw\n";
  }
};

TEST_F(Mounts, W6_AFileMountedByItselfIsNamed) {
  write("a b.yaml", "");
  write("folder/c.yaml", "");
  std::string escaped = path("a b.yaml");
  escaped.replace(escaped.find(' '), 1, "\\040");
  const std::vector<std::string> files{path("a b.yaml"), path("folder/c.yaml"), path("absent.yaml")};
  EXPECT_THAT(mountedAlone(line("/") + line(escaped), files), ElementsAre(path("a b.yaml")));
  EXPECT_THAT(mountedAlone(line("/") + line(path("folder")), files), IsEmpty());
}

TEST_F(Mounts, ALinkIsFollowedAndAFolderIsNone) {
  write("real.yaml", "");
  std::filesystem::create_symlink("real.yaml", folder_ / "link.yaml");
  const std::vector<std::string> files{path("link.yaml"), folder_.string()};
  EXPECT_THAT(mountedAlone(line(path("real.yaml")) + line(folder_.string()), files),
              ElementsAre(path("link.yaml")));
}

TEST_F(Mounts, WhatIsNoMountinfoNamesNothing) {
  const std::vector<std::string> files{folder_.string()};
  for (const char* const text : {"", "\n\n", "1 2 3", "\\", "a b c d \\04"})
    EXPECT_THAT(mountedAlone(text, files), IsEmpty());
}

}  // namespace
}  // namespace revenge::config
