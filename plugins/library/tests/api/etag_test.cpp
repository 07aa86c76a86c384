#include "api/etag.hpp"

#include <gtest/gtest.h>

#include "api/digest.hpp"

namespace library::api {
namespace {

TEST(Etag, IsOfWhatIsShown) {
  EXPECT_EQ(strongEtag("abc"), "\"ba7816bf8f01cfea414140de\"");
  EXPECT_EQ(weakEtag("abc"), "W/\"ba7816bf8f01cfea414140de\"");
  EXPECT_NE(strongEtag("abc"), strongEtag("abd"));
}

TEST(Etag, NamesARevisionWhateverElseWasShown) {
  EXPECT_TRUE(namesRevision(revisionEtag(7, "now"), 7));
  EXPECT_NE(revisionEtag(7, "now"), revisionEtag(7, "later"));
  EXPECT_TRUE(namesRevision("\"1.aa\" , " + revisionEtag(7, "x"), 7));
  EXPECT_TRUE(namesRevision("*", 7));
}

TEST(Etag, OfAnotherRevisionOrWeakIsNotIt) {
  EXPECT_FALSE(namesRevision(revisionEtag(8, "x"), 7));
  EXPECT_FALSE(namesRevision(revisionEtag(70, "x"), 7));
  EXPECT_FALSE(namesRevision("W/" + revisionEtag(7, "x"), 7));
  EXPECT_FALSE(namesRevision("", 7));
  EXPECT_FALSE(namesRevision("7.aa", 7));
}

// RFC 4231, test case 2.
TEST(Digest, HmacIsThatOfTheStandard) {
  EXPECT_EQ(hexOf(hmacSha256("Jefe", "what do ya want for nothing?"), 32),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace library::api
