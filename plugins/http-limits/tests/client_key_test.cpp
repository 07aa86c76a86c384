#include "limits/client_key.hpp"

#include <string>

#include <gtest/gtest.h>

namespace revenge::http_limits {
namespace {

constexpr HashSecret kSecret{11, 22};

class Keys : public testing::Test {
 protected:
  std::string key(const KeyOrder& order = {}, unsigned ipv6_bits = 64) {
    ClientKey written;
    writeKey(written, asker_, order, ipv6_bits, kSecret);
    EXPECT_FALSE(written.cut());
    return std::string(written.view());
  }
  void sends(std::string_view api_key) { asker_.api_key = keyedHash(api_key, kSecret); }

  Asker asker_{.user = {}, .api_key = {}, .address = *Address::parse("203.0.113.7")};
};

TEST_F(Keys, TheUserGoesBeforeTheKeyAndTheKeyBeforeTheAddress) {
  EXPECT_EQ(key(), "addr:203.0.113.7");
  sends("s3cret");
  asker_.api_key_proved = true;
  EXPECT_EQ(key().substr(0, 4), "key:");
  asker_.user = "ada";
  EXPECT_EQ(key(), "user:ada");
}

TEST_F(Keys, TheOrderIsTheRules) {
  asker_.user = "ada";
  EXPECT_EQ(key({{KeyKind::kAddress, KeyKind::kUser}, 2}), "addr:203.0.113.7");
  EXPECT_EQ(key({{KeyKind::kEverybody}, 1}), "all");
  EXPECT_EQ(key({{KeyKind::kApiKey}, 1}), "addr:203.0.113.7") << "nobody goes uncounted";
}

TEST_F(Keys, AnApiKeyThatNobodyProvedMakesNoKeyOfItsOwn) {
  sends("made up for this request");
  EXPECT_EQ(key(), "addr:203.0.113.7");
}

TEST_F(Keys, AnApiKeyIsShownAsItsHash) {
  sends("s3cret");
  asker_.api_key_proved = true;
  EXPECT_EQ(key().size(), 4U + 32U);
  EXPECT_EQ(key().find("s3cret"), std::string::npos);
}

TEST_F(Keys, AClientWithoutIdentityIsNoUser) {
  EXPECT_EQ(provedUser("anon-0123456789abcdef"), "");
  EXPECT_EQ(provedUser("ada"), "ada");
}

TEST_F(Keys, Ipv6CountsByItsNetwork) {
  asker_.address = *Address::parse("2001:db8:ffff:ffff:1:2:3:4");
  EXPECT_EQ(key(), "addr:2001:db8:ffff:ffff::/64");
  EXPECT_EQ(key({}, 56), "addr:2001:db8:ffff:ff00::/56");
  EXPECT_EQ(key({}, 128), "addr:2001:db8:ffff:ffff:1:2:3:4");
}

TEST_F(Keys, ALongOrStrangeUserIsHashed) {
  asker_.user = "ada lovelace";
  EXPECT_EQ(key().substr(0, 5), "user#");
  EXPECT_EQ(key().size(), 5U + 32U);
  const std::string longest(64, 'u');
  asker_.user = longest;
  EXPECT_EQ(key(), "user:" + longest);
  const std::string longer(65, 'u');
  asker_.user = longer;
  EXPECT_EQ(key().substr(0, 5), "user#");
}

}  // namespace
}  // namespace revenge::http_limits
