#include "limits/address.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace revenge::http_limits {
namespace {

std::string canonical(std::string_view text) {
  const auto address = Address::parse(text);
  return address ? std::string(textOf(*address).view()) : "none";
}

TEST(Address, Ipv4ComesBackAsWritten) {
  EXPECT_EQ(canonical("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(canonical("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(canonical("255.255.255.255"), "255.255.255.255");
}

TEST(Address, Ipv4IsFourDecimalOctets) {
  for (const char* text :
       {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4 ", " 1.2.3.4",
        "1.2.3.04", "01.2.3.4", "1.2.3.+4", "1.2.3.-4", "1.2.3.a", "1.2.3.0x4", "1.2.3.1000"})
    EXPECT_EQ(canonical(text), "none") << text;
}

TEST(Address, Ipv6IsWrittenAsRfc5952Says) {
  EXPECT_EQ(canonical("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
  EXPECT_EQ(canonical("2001:0db8::0001"), "2001:db8::1");
  EXPECT_EQ(canonical("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");  // a single zero is no run
  EXPECT_EQ(canonical("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");           // the longest run
  EXPECT_EQ(canonical("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");     // the first of equals
  EXPECT_EQ(canonical("::"), "::");
  EXPECT_EQ(canonical("::1"), "::1");
  EXPECT_EQ(canonical("1::"), "1::");
  EXPECT_EQ(canonical("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
  EXPECT_EQ(canonical("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

TEST(Address, AMappedAddressIsTheIpv4One) {
  EXPECT_EQ(canonical("::ffff:203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(Address::parse("::ffff:cb00:7107"), Address::parse("203.0.113.7"));
  EXPECT_NE(Address::parse("::203.0.113.7"), Address::parse("203.0.113.7"));
}

TEST(Address, WrongIpv6IsRefused) {
  for (const char* text : {":", ":::", "1:", ":1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7::8", "12345::", "g::", "::1.2.3", "::1.2.3.4.5",
                           "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4::", "::1 ", "[::1]", "::1/64", "::-1", "::0x1"})
    EXPECT_EQ(canonical(text), "none") << text;
}

TEST(Address, AZoneIdIsRefused) {
  EXPECT_EQ(canonical("fe80::1%eth0"), "none");
  EXPECT_EQ(canonical("fe80::1%25eth0"), "none");
}

TEST(Address, BytesAreInNetworkOrder) {
  const std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  EXPECT_EQ(textOf(Address::fromBytes(bytes)).view(), "2001:db8::1");
  EXPECT_EQ(textOf(Address::fromIpv4(0xcb007107)).view(), "203.0.113.7");
}

TEST(Address, TheNetworkOfIpv6IsItsPrefixAndIpv4IsWhole) {
  const auto network = [](const char* text, unsigned bits) {
    return std::string(textOf(networkOf(*Address::parse(text), bits)).view());
  };
  EXPECT_EQ(network("2001:db8:1:2:3:4:5:6", 64), "2001:db8:1:2::");
  EXPECT_EQ(network("2001:db8:1:2:3:4:5:6", 56), "2001:db8:1::");
  EXPECT_EQ(network("2001:db8:1:2:3:4:5:6", 128), "2001:db8:1:2:3:4:5:6");
  EXPECT_EQ(network("2001:db8:1:2:ffff:4:5:6", 65), "2001:db8:1:2:8000::");
  EXPECT_EQ(network("2001:db8::1", 0), "::");
  EXPECT_EQ(network("203.0.113.7", 64), "203.0.113.7");
}

TEST(Address, AnyAddressComesBackFromItsText) {
  constexpr unsigned kSeed = 20260730;
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 100'000; ++i) {
    // With many zero groups, which is what the text is particular about.
    Address address{random(), random()};
    const std::uint64_t keep = random();
    for (int group = 0; group < 4; ++group) {
      if (keep >> group & 1) address.high &= ~(0xffffULL << (16 * group));
      if (keep >> (group + 4) & 1) address.low &= ~(0xffffULL << (16 * group));
    }
    const AddressText text = textOf(address);
    ASSERT_EQ(Address::parse(text.view()), address) << text.view() << " seed " << kSeed;
  }
}

}  // namespace
}  // namespace revenge::http_limits
