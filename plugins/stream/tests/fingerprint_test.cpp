#include "fingerprint.hpp"

#include <gtest/gtest.h>

namespace stream {
namespace {

// Bookmarks and players keep ids: a change of this value breaks all of them.
TEST(Fingerprint, IsTheSameInEveryVersion) {
  EXPECT_EQ(text(fingerprintOf({"/media", "film.mkv"})), "98b982d63e0f8d2a7a2eae1375d40c16");
}

TEST(Fingerprint, TellsWhereOnePartEnds) {
  EXPECT_NE(fingerprintOf({"ab", "c"}), fingerprintOf({"a", "bc"}));
  EXPECT_NE(fingerprintOf({"a"}), fingerprintOf({"a", ""}));
}

TEST(Fingerprint, IsReadBackFromItsText) {
  const Fingerprint value{0x0123456789abcdef, 0xfedcba9876543210};
  EXPECT_EQ(text(value), "0123456789abcdeffedcba9876543210");
  EXPECT_EQ(parseFingerprint(text(value)), value);
}

TEST(Fingerprint, ReadsNothingElse) {
  ASSERT_TRUE(parseFingerprint("00000000000000010000000000000002"));
  for (const char* bad : {"", "0000000000000001000000000000000", "000000000000000100000000000000020",
                          "../00000000000100000000000000002", "%2e%2e%2f00000000000000000000002",
                          "/0000000000000010000000000000002", "G0000000000000010000000000000002",
                          "0123456789ABCDEF0123456789ABCDEF"})
    EXPECT_EQ(parseFingerprint(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace stream
