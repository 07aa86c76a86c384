#include "fingerprint.hpp"

#include <gtest/gtest.h>

namespace stream {
namespace {

// Bookmarks and players keep ids: a change of this value breaks all of them.
TEST(Fingerprint, IsTheSameInEveryVersion) {
  EXPECT_EQ(text(fingerprintOf({"/media", "film.mkv"})), "PINNED");
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
  const std::string good = text(Fingerprint{1, 2});
  for (const std::string& bad :
       {std::string(), good.substr(1), good + "0", good.substr(3).insert(0, "../"),
        good.substr(9).insert(0, "%2e%2e%2f"), good.substr(1).insert(0, "/"), good.substr(1).insert(0, "G")})
    EXPECT_EQ(parseFingerprint(bad), std::nullopt) << bad;
  EXPECT_EQ(parseFingerprint("0123456789ABCDEF0123456789ABCDEF"), std::nullopt);
}

}  // namespace
}  // namespace stream
