#include "beneath.hpp"

#include <cerrno>
#include <cstddef>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "tests/media_folder.hpp"

namespace stream {
namespace {

using testing::MediaFolder;
namespace fs = std::filesystem;
using Why = OpenError::Why;

class Beneath : public ::testing::Test {
 protected:
  Root root() const { return std::move(*Root::open(folder_.text())); }
  // "opened" or why not.
  static std::string shown(const Opened<revenge::File>& file) {
    if (file) return "opened";
    switch (file.error().why) {
      case Why::kMissing:
        return "missing";
      case Why::kForbidden:
        return "forbidden";
      case Why::kOutside:
        return "outside";
      case Why::kNotRegular:
        return "not regular";
      default:
        return file.error().text;
    }
  }
  std::string open(const std::string& path) const { return shown(root().openFile(path)); }

  MediaFolder folder_;
  MediaFolder outside_;
};

TEST_F(Beneath, OpensAFileAtAnyDepth) {
  folder_.write("a/b/film.mkv");
  EXPECT_EQ(open("a/b/film.mkv"), "opened");
  EXPECT_EQ(open("a/../a/./b/film.mkv"), "opened");
  EXPECT_EQ(open("a/b/other.mkv"), "missing");
}

TEST_F(Beneath, WaitsForNothingWhereThatIsNotAllowed) {
  folder_.write("a/film.mkv");
  const Opened<Root> cached = Root::open(folder_.text(), Wait::kNever);
  ASSERT_TRUE(cached);
  EXPECT_EQ(shown(cached->openFile("a/film.mkv", Wait::kNever)), "opened");
  // A name nobody has looked up yet: the kernel would have to ask the file system.
  const Opened<revenge::File> unknown = cached->openFile("a/never seen.mkv", Wait::kNever);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().why, Why::kBusy);
  EXPECT_EQ(shown(cached->openFile("a/never seen.mkv")), "missing");
}

TEST_F(Beneath, RefusesEveryPathThatLeavesTheFolder) {
  const fs::path secret = outside_.write("secret.mkv");
  const std::string there = "../" + outside_.path().filename().string() + "/secret.mkv";
  folder_.write("a/film.mkv");
  EXPECT_EQ(open(there), "outside");
  EXPECT_EQ(open("a/../" + there), "outside");
  EXPECT_EQ(open(secret.string()), "outside");
  EXPECT_EQ(open("/etc/passwd"), "outside");
  EXPECT_EQ(open(".."), "outside");
  EXPECT_EQ(open("a/../../" + folder_.path().filename().string() + "/a/film.mkv"), "outside");
}

TEST_F(Beneath, TakesPercentSignsAsTheyStand) {
  outside_.write("secret.mkv");
  EXPECT_EQ(open("%2e%2e/" + outside_.path().filename().string() + "/secret.mkv"), "missing");
}

TEST_F(Beneath, FollowsLinksThatStayInside) {
  folder_.write("a/film.mkv");
  folder_.link("b/link.mkv", "../a/film.mkv");
  folder_.link("c", "a");
  EXPECT_EQ(open("b/link.mkv"), "opened");
  EXPECT_EQ(open("c/film.mkv"), "opened");
}

TEST_F(Beneath, RefusesLinksThatLeaveTheFolder) {
  outside_.write("secret.mkv");
  folder_.write("film.mkv");
  folder_.link("absolute.mkv", outside_.path() / "secret.mkv");
  folder_.link("relative.mkv", fs::path("..") / outside_.path().filename() / "secret.mkv");
  folder_.link("folder", outside_.path());
  folder_.link("second.mkv", "absolute.mkv");
  folder_.link("absolute-inside.mkv", folder_.path() / "film.mkv");
  folder_.link("process.mkv", "/proc/self/exe");
  for (const char* path : {"absolute.mkv", "relative.mkv", "folder/secret.mkv", "second.mkv",
                           "absolute-inside.mkv", "process.mkv"})
    EXPECT_EQ(open(path), "outside") << path;
  EXPECT_EQ(shown(root().openFolder("folder")), "outside");
}

TEST_F(Beneath, LinksInACircleLeadNowhere) {
  folder_.link("a.mkv", "b.mkv");
  folder_.link("b.mkv", "a.mkv");
  EXPECT_EQ(open("a.mkv"), "outside");
}

TEST_F(Beneath, OpensOnlyRegularFilesAndWaitsForNone) {
  fs::create_directory(folder_.path() / "folder.mkv");
  ASSERT_EQ(::mkfifo((folder_.path() / "pipe.mkv").c_str(), 0644), 0);
  const revenge::File socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder_.path() / "socket.mkv").string().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(open("folder.mkv"), "not regular");
  EXPECT_EQ(open("pipe.mkv"), "not regular");
  EXPECT_EQ(open("socket.mkv"), "not regular");
}

TEST_F(Beneath, OpensNoDevice) {
  // /dev is a folder like another, and has devices also where this test may make none.
  const auto dev = Root::open("/dev");
  ASSERT_TRUE(dev);
  EXPECT_EQ(shown(dev->openFile("null")), "not regular");
  EXPECT_EQ(shown(dev->openFile("zero")), "not regular");
}

TEST_F(Beneath, TheFolderItselfMayBeALink) {
  outside_.write("film.mkv");
  folder_.link("library", outside_.path());
  const auto root = Root::open((folder_.path() / "library").string());
  ASSERT_TRUE(root);
  EXPECT_EQ(shown(root->openFile("film.mkv")), "opened");
  EXPECT_EQ(shown(root->openFile("../library/film.mkv")), "outside");
}

TEST_F(Beneath, AMissingFolderAndOneThatIsAFileAreMissing) {
  const fs::path file = folder_.write("film.mkv");
  EXPECT_EQ(Root::open(folder_.text() + "/none").error().why, Why::kMissing);
  EXPECT_EQ(Root::open(file.string()).error().why, Why::kMissing);
}

TEST_F(Beneath, AnUnreadableFileIsForbidden) {
  fs::permissions(folder_.write("film.mkv"), fs::perms::none);
  // In a process of its own, which gives up being root.
  EXPECT_EXIT(
      {
        const Root root = this->root();
        if (::geteuid() == 0 && (::setegid(65534) != 0 || ::seteuid(65534) != 0)) ::_exit(2);
        ::_exit(shown(root.openFile("film.mkv")) == "forbidden" ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

// Makes openat2 answer ENOSYS, as an old kernel does.
bool forbidOpenat2() {
  sock_filter program[] = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_openat2},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog filter{std::size(program), program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

TEST_F(Beneath, WithoutOpenat2NothingIsOpenedAndTheOperatorIsTold) {
  folder_.write("film.mkv");
  ASSERT_TRUE(checkSystem());
  EXPECT_EXIT(
      {
        if (!forbidOpenat2()) ::_exit(2);
        const Opened<Root> place = Root::open(folder_.text());
        if (place || place.error().why != Why::kUnsupported) ::_exit(3);
        const auto able = checkSystem();
        ::_exit(!able && able.error().contains("Linux 5.6") ? 0 : 4);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace stream
