#include "limits/networks.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace revenge::http_limits {
namespace {

NetworkSet setOf(std::initializer_list<const char*> texts) {
  std::vector<Network> networks;
  for (const char* text : texts) networks.push_back(Network::parse(text).value());
  return NetworkSet(networks);
}

bool holds(const NetworkSet& set, const char* address) { return set.holds(*Address::parse(address)); }

TEST(Networks, AnIpv4NetworkHoldsItsFirstAndLastAddressOnly) {
  const NetworkSet set = setOf({"10.1.2.0/23"});
  EXPECT_FALSE(holds(set, "10.1.1.255"));
  EXPECT_TRUE(holds(set, "10.1.2.0"));
  EXPECT_TRUE(holds(set, "10.1.3.255"));
  EXPECT_FALSE(holds(set, "10.1.4.0"));
  EXPECT_TRUE(holds(set, "::ffff:10.1.2.9"));
}

TEST(Networks, AnIpv6NetworkHoldsItsFirstAndLastAddressOnly) {
  const NetworkSet set = setOf({"2001:db8:0:4::/62"});
  EXPECT_FALSE(holds(set, "2001:db8:0:3:ffff:ffff:ffff:ffff"));
  EXPECT_TRUE(holds(set, "2001:db8:0:4::"));
  EXPECT_TRUE(holds(set, "2001:db8:0:7:ffff:ffff:ffff:ffff"));
  EXPECT_FALSE(holds(set, "2001:db8:0:8::"));
}

TEST(Networks, AllOfIpv6IsNoneOfIpv4) {
  EXPECT_FALSE(holds(setOf({"::/0"}), "203.0.113.7"));
  EXPECT_TRUE(holds(setOf({"::/0"}), "2001:db8::1"));
  EXPECT_TRUE(holds(setOf({"0.0.0.0/0"}), "203.0.113.7"));
  EXPECT_FALSE(holds(setOf({"0.0.0.0/0"}), "::1"));
  EXPECT_TRUE(holds(setOf({"::ffff:0:0/96"}), "203.0.113.7"));
}

TEST(Networks, OneAddressIsANetwork) {
  const NetworkSet set = setOf({"203.0.113.7", "::1"});
  EXPECT_TRUE(holds(set, "203.0.113.7"));
  EXPECT_TRUE(holds(set, "::1"));
  EXPECT_FALSE(holds(set, "203.0.113.8"));
  EXPECT_FALSE(holds(set, "::2"));
}

TEST(Networks, AnEmptySetHoldsNobody) {
  EXPECT_TRUE(NetworkSet().empty());
  EXPECT_FALSE(NetworkSet().holds(Address{}));
}

TEST(Networks, NestedAndNeighbouringNetworksAreOneRange) {
  const NetworkSet set = setOf({"10.0.1.0/24", "10.0.0.0/24", "10.0.0.128/25", "10.0.3.0/24", "2001:db8::/65",
                                "2001:db8:0:0:8000::/65", "2001:db8:0:1::/64"});
  EXPECT_EQ(set.ranges(), 3U);
  EXPECT_TRUE(holds(set, "10.0.1.255"));
  EXPECT_FALSE(holds(set, "10.0.2.0"));
  EXPECT_TRUE(holds(set, "2001:db8:0:1:ffff::"));
}

TEST(Networks, WhatIsNoNetworkIsRefused) {
  for (const char* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.1/8", "10.0.0.0/8/8",
        "::/129", "2001:db8::1/64", "10.0.0.0/8 ", "host/8", "fe80::%1/64"})
    EXPECT_FALSE(Network::parse(text).has_value()) << text;
}

TEST(Networks, ASetHoldsWhatOneOfItsNetworksHolds) {
  constexpr unsigned kSeed = 7;
  std::mt19937_64 random(kSeed);
  for (int round = 0; round < 300; ++round) {
    std::vector<Network> networks;
    for (int i = 0; i < 12; ++i) {
      const auto bits = static_cast<unsigned>(20 + random() % 13);
      const Address first =
          maskedTo(Address::fromIpv4(0x0a000000U | static_cast<std::uint32_t>(random() % 0x4000)), 96 + bits);
      const auto text = std::string(textOf(first).view()) + "/" + std::to_string(bits);
      networks.push_back(Network::parse(text).value());
    }
    const NetworkSet set(networks);
    for (int i = 0; i < 200; ++i) {
      const Address address = Address::fromIpv4(0x0a000000U | static_cast<std::uint32_t>(random() % 0x5000));
      bool one_holds = false;
      for (const Network& network : networks)
        one_holds = one_holds || (network.first <= address && address <= network.last);
      ASSERT_EQ(set.holds(address), one_holds) << textOf(address).view() << " seed " << kSeed;
    }
  }
}

}  // namespace
}  // namespace revenge::http_limits
