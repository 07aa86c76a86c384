#include "app/descriptor_sentinel.hpp"

#include <filesystem>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace revenge::app {
namespace {

// The number that a sentinel which is posted now has: the lowest that is free.
int nextDescriptor() {
  const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(next);
  return next;
}

TEST(DescriptorSentinel, IsThereAsLongAsNobodyClosesIt) {
  const int number = nextDescriptor();
  auto sentinel = DescriptorSentinel::post();
  ASSERT_TRUE(sentinel);
  EXPECT_TRUE(sentinel->isThere());
  ::close(number);
  EXPECT_FALSE(sentinel->isThere());
  // The destructor closes the number once more: it has to be somebody's who loses nothing by it.
  ASSERT_EQ(::open("/dev/null", O_RDONLY | O_CLOEXEC), number);
}

TEST(DescriptorSentinel, AnotherFileUnderItsNumberIsNotIt) {
  const int number = nextDescriptor();
  auto sentinel = DescriptorSentinel::post();
  ASSERT_TRUE(sentinel);
  ::close(number);
  ASSERT_EQ(::open("/dev/null", O_RDONLY | O_CLOEXEC), number);
  EXPECT_FALSE(sentinel->isThere());
}

}  // namespace
}  // namespace revenge::app
