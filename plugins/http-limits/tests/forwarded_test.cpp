#include "limits/forwarded.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "limits/forwarded_node.hpp"

namespace revenge::http_limits {
namespace {

using Source = Client::Source;

class Forwarded : public testing::Test {
 protected:
  Forwarded() {
    std::vector<Network> proxies;
    for (const char* text : {"10.0.0.0/8", "2001:db8:ffff::/48"})
      proxies.push_back(Network::parse(text).value());
    trust_.proxies = NetworkSet(proxies);
  }

  std::string client(std::vector<std::string_view> lines, const char* peer = "10.0.0.1") {
    last_ = clientOf(*Address::parse(peer), lines, trust_);
    return std::string(textOf(last_.address).view());
  }

  ProxyTrust trust_{.proxies = {}, .field = ForwardedField::kXForwardedFor};
  Client last_;
};

class Rfc7239 : public Forwarded {
 protected:
  Rfc7239() { trust_.field = ForwardedField::kForwarded; }
};

TEST_F(Forwarded, WithoutTheFieldThePeerIsTheClient) {
  EXPECT_EQ(client({}), "10.0.0.1");
  EXPECT_EQ(last_.source, Source::kPeer);
}

TEST_F(Forwarded, WhoIsNotTrustedIsNotBelieved) {
  EXPECT_EQ(client({"198.51.100.1"}, "203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(last_.source, Source::kPeer);
  trust_.field = ForwardedField::kNone;
  EXPECT_EQ(client({"198.51.100.1"}), "10.0.0.1");
}

TEST_F(Forwarded, TheRightmostThatIsNotTrustedIsTheClient) {
  EXPECT_EQ(client({"1.1.1.1, 203.0.113.7, 10.2.2.2, 10.3.3.3"}), "203.0.113.7");
  EXPECT_EQ(last_.source, Source::kForwarded);
}

TEST_F(Forwarded, WhenAllAreTrustedTheLeftmostIsTheClient) {
  EXPECT_EQ(client({"10.9.9.9,10.2.2.2"}), "10.9.9.9");
  EXPECT_EQ(last_.source, Source::kForwarded);
}

TEST_F(Forwarded, SeveralLinesAreOneListInTheirOrder) {
  EXPECT_EQ(client({"1.1.1.1, 203.0.113.7", "10.2.2.2"}), "203.0.113.7");
  EXPECT_EQ(client({"10.2.2.2", "203.0.113.7"}), "203.0.113.7");
}

TEST_F(Forwarded, EmptyElementsAreNotHops) {
  EXPECT_EQ(client({" , 203.0.113.7 ,, \t,"}), "203.0.113.7");
  EXPECT_EQ(client({"", "  ", ","}), "10.0.0.1");
}

TEST_F(Forwarded, PortsAndBracketsAreReadAway) {
  EXPECT_EQ(client({"203.0.113.7:4711"}), "203.0.113.7");
  EXPECT_EQ(client({"[2001:db8::1]:4711"}), "2001:db8::1");
  EXPECT_EQ(client({"[2001:db8::1]"}), "2001:db8::1");
  EXPECT_EQ(client({"2001:db8::1"}), "2001:db8::1");
  EXPECT_EQ(client({"::ffff:203.0.113.7"}), "203.0.113.7");
}

TEST_F(Forwarded, MalformedIsTheLastTrustedHop) {
  for (const char* nonsense :
       {"nonsense", "1.2.3.4.5", "203.0.113.7:", "203.0.113.7:99999", "203.0.113.7:http", "[::1", "[1.2.3.4]",
        "[::1]x", "fe80::1%eth0", "\"203.0.113.7\"", "1.2.3.4 5.6.7.8", "[]", ":"}) {
    EXPECT_EQ(client({std::string("203.0.113.9, ") + nonsense + ", 10.2.2.2"}), "10.2.2.2") << nonsense;
    EXPECT_EQ(last_.source, Source::kMalformed) << nonsense;
    EXPECT_FALSE(last_.isOwn());
  }
}

TEST_F(Forwarded, NonsenseTheClientSentFirstChangesNothing) {
  EXPECT_EQ(client({"nonsense, \"open, 203.0.113.7, 10.2.2.2"}), "203.0.113.7");
  EXPECT_EQ(last_.source, Source::kForwarded);
}

TEST_F(Forwarded, UnknownIsTheLastTrustedHop) {
  EXPECT_EQ(client({"203.0.113.7, unknown, 10.2.2.2"}), "10.2.2.2");
  EXPECT_EQ(last_.source, Source::kObscured);
  EXPECT_FALSE(last_.isOwn());
}

TEST_F(Forwarded, TheBoundOnHopsEndsAtTheLastTrustedOne) {
  trust_.max_hops = 3;
  EXPECT_EQ(client({"203.0.113.7, 10.2.2.2, 10.3.3.3"}), "203.0.113.7");
  EXPECT_EQ(client({"203.0.113.7, 10.1.1.1, 10.2.2.2, 10.3.3.3"}), "10.1.1.1");
  EXPECT_EQ(last_.source, Source::kTooLong);
  EXPECT_EQ(client({"203.0.113.7, , , ,"}), "10.0.0.1");  // empty ones cost as much to read
  EXPECT_EQ(last_.source, Source::kTooLong);
}

TEST_F(Rfc7239, ReadsTheNodeOfFor) {
  EXPECT_EQ(client({"for=203.0.113.7"}), "203.0.113.7");
  EXPECT_EQ(client({"For=\"[2001:db8:cafe::17]:4711\""}), "2001:db8:cafe::17");
  EXPECT_EQ(client({"for=203.0.113.7;proto=http;by=10.0.0.2"}), "203.0.113.7");
  EXPECT_EQ(client({"proto=https ; for=\"203.0.113.7:80\" ;host=\"a,b;c\""}), "203.0.113.7");
  EXPECT_EQ(client({"for=\"203\\.0.113.7\""}), "203.0.113.7");
}

TEST_F(Rfc7239, ProxiesAreFollowedFromTheRight) {
  EXPECT_EQ(client({"for=1.1.1.1, for=203.0.113.7;proto=https", "for=10.2.2.2"}), "203.0.113.7");
  EXPECT_EQ(client({"for=203.0.113.7, for=\"[2001:db8:ffff::9]\""}), "203.0.113.7");
}

TEST_F(Rfc7239, CommasAndQuotesInQuotedStringsSeparateNothing) {
  EXPECT_EQ(client({"for=203.0.113.7;host=\"a\\\",b\", for=10.2.2.2;host=\"x, y\""}), "203.0.113.7");
  EXPECT_EQ(last_.source, Source::kForwarded);
}

TEST_F(Rfc7239, AQuoteThatTheClientLeftOpenSwallowsNothing) {
  EXPECT_EQ(client({"for=\"1.1.1.1, for=203.0.113.7, for=10.2.2.2"}), "203.0.113.7");
  EXPECT_EQ(client({"for=1.1.1.1;host=\"\\, for=\"203.0.113.7\""}), "203.0.113.7");
}

TEST_F(Rfc7239, ObfuscatedAndUnknownNodesAreTheLastTrustedHop) {
  for (const char* hidden :
       {"for=_hidden", "for=\"_SEVKISEK:_port\"", "for=unknown", "for=UNKNOWN", "proto=https"}) {
    EXPECT_EQ(client({std::string("for=203.0.113.7, ") + hidden}), "10.0.0.1") << hidden;
    EXPECT_EQ(last_.source, Source::kObscured) << hidden;
  }
}

TEST_F(Rfc7239, MalformedIsTheLastTrustedHop) {
  for (const char* nonsense :
       {"for", "for=", "=x", "for=\"203.0.113.7", "for=203.0.113.7;for=203.0.113.8", "for=2001:db8::1",
        "for=203.0.113.7 x", "for=\"203.0.113.7\"x", "fo r=203.0.113.7", "for=\"\"", "for=_",
        "for=\"203.0.113.7\\", "203.0.113.7"}) {
    EXPECT_EQ(client({std::string("for=203.0.113.9, ") + nonsense}), "10.0.0.1") << nonsense;
    EXPECT_EQ(last_.source, Source::kMalformed) << nonsense;
  }
}

TEST_F(Rfc7239, AValueLongerThanAnyNodeIsMalformed) {
  EXPECT_EQ(client({"for=_" + std::string(200, 'a')}), "10.0.0.1");
  EXPECT_EQ(last_.source, Source::kMalformed);
}

TEST(LastElement, IsCutOffWithItsComma) {
  std::string_view list = "a, b ,\"c,d\"";
  EXPECT_EQ(takeLastElement(list, Quoting::kQuotedStrings), "\"c,d\"");
  EXPECT_EQ(takeLastElement(list, Quoting::kQuotedStrings), "b");
  EXPECT_EQ(takeLastElement(list, Quoting::kQuotedStrings), "a");
  EXPECT_EQ(list, "");
}

}  // namespace
}  // namespace revenge::http_limits
