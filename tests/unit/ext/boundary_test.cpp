#include "ext/boundary.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace revenge::ext {
namespace {

TEST(Boundary, AViewIsItsText) {
  EXPECT_EQ(text({"film", 3}), "fil");
  EXPECT_EQ(string({"film", 4}), "film");
}

TEST(Boundary, AViewOfNothingIsEmptyWhateverItsSize) {
  EXPECT_EQ(text({nullptr, 5}), "");
  EXPECT_EQ(string({nullptr, 5}), "");
  EXPECT_EQ(string({nullptr, 0}), "");
}

TEST(Boundary, AViewOfMoreThanAProcessHoldsIsEmpty) {
  EXPECT_EQ(text({"film", std::numeric_limits<std::size_t>::max()}), "");
  EXPECT_EQ(string({"film", std::size_t{PTRDIFF_MAX} + 1}), "");
}

}  // namespace
}  // namespace revenge::ext
