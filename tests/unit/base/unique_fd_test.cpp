#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace revenge::base {
namespace {

bool isOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

TEST(UniqueFd, ClosesWhatItOwnsOnceAndNotWhatItReleased) {
  const int first = open("/dev/null", O_RDONLY | O_CLOEXEC);
  int released = -1;
  {
    UniqueFd fd(first);
    UniqueFd moved(std::move(fd));
    EXPECT_TRUE(isOpen(first));
    UniqueFd other(open("/dev/null", O_RDONLY | O_CLOEXEC));
    released = other.release();
  }
  EXPECT_FALSE(isOpen(first));
  EXPECT_TRUE(isOpen(released));
  close(released);
}

TEST(UniqueFd, AssignmentClosesTheOldOne) {
  UniqueFd fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int old = fd.get();
  fd = UniqueFd();
  EXPECT_FALSE(isOpen(old));
  EXPECT_FALSE(fd);
}

}  // namespace
}  // namespace revenge::base
