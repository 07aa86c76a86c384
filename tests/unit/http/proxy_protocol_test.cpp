#include "http/proxy_protocol.hpp"

#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace revenge::http {
namespace {

using State = ProxyHeader::State;
using Origin = ProxyHeader::Origin;

ProxyHeader parse(std::string_view bytes) {
  return parseProxyHeader({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// Version 2, with what follows the signature.
std::string v2(std::initializer_list<int> command_and_family, const std::string& block, std::size_t length) {
  std::string bytes("\r\n\r\n\0\r\nQUIT\n", 12);
  for (const int byte : command_and_family) bytes.push_back(static_cast<char>(byte));
  bytes.push_back(static_cast<char>(length >> 8));
  bytes.push_back(static_cast<char>(length & 0xff));
  return bytes + block;
}
std::string v2(std::initializer_list<int> command_and_family, const std::string& block) {
  return v2(command_and_family, block, block.size());
}

// 192.0.2.1:4660 to 192.0.2.2:443.
const std::string kIpv4Block("\xc0\x00\x02\x01\xc0\x00\x02\x02\x12\x34\x01\xbb", 12);

TEST(ProxyV1, SaysWhoseConnectionItIs) {
  const std::string line = "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n";
  const ProxyHeader header = parse(line + "GET / HTTP/1.1\r\n");
  ASSERT_EQ(header.state, State::kDone);
  EXPECT_EQ(header.origin, Origin::kProxied);
  EXPECT_EQ(header.length, line.size());
  EXPECT_EQ(header.source, "192.0.2.1");
  EXPECT_EQ(header.destination, "192.0.2.2");
  EXPECT_EQ(header.source_port, 56324);
  EXPECT_EQ(header.destination_port, 443);
}

TEST(ProxyV1, Ipv6IsReadAsWell) {
  const ProxyHeader header = parse("PROXY TCP6 2001:db8::1 ::1 65535 0\r\n");
  ASSERT_EQ(header.state, State::kDone);
  EXPECT_EQ(header.source, "2001:db8::1");
  EXPECT_EQ(header.source_port, 65535);
  EXPECT_EQ(header.destination_port, 0);
}

TEST(ProxyV1, UnknownIgnoresTheRestOfTheLine) {
  for (const char* line :
       {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN \r\n", "PROXY UNKNOWN ffff::1 what ever 1 2 3\r\n"}) {
    const ProxyHeader header = parse(line);
    EXPECT_EQ(header.state, State::kDone) << line;
    EXPECT_EQ(header.origin, Origin::kUnspecified) << line;
    EXPECT_EQ(header.length, std::string(line).size());
  }
}

TEST(ProxyV1, EachBeginningNeedsMore) {
  const std::string line = "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n";
  for (std::size_t size = 0; size < line.size(); ++size)
    EXPECT_EQ(parse(line.substr(0, size)).state, State::kNeedsMore) << size;
}

TEST(ProxyV1, WhatIsNotTheFormIsMalformed) {
  for (const char* line :
       {"GET / HTTP/1.1\r\n", "PROXX", "proxy TCP4", "PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY TCP4\r\n", "PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 -2\r\n", "PROXY TCP4 ::1 ::1 1 2\r\n",
        "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", "PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\rX", "PROXY UNKNOWNX\r\n",
        "PROXY \r\n"})
    EXPECT_EQ(parse(line).state, State::kMalformed) << line;
}

TEST(ProxyV1, TheLineHas107BytesAtMost) {
  const std::string start = "PROXY UNKNOWN ";
  EXPECT_EQ(parse(start + std::string(105 - start.size(), 'x') + "\r\n").state, State::kDone);
  EXPECT_EQ(parse(start + std::string(106 - start.size(), 'x') + "\r\n").state, State::kMalformed);
  EXPECT_EQ(parse(start + std::string(106 - start.size(), 'x')).state, State::kNeedsMore);
  EXPECT_EQ(parse(start + std::string(107 - start.size(), 'x')).state, State::kMalformed);
}

TEST(ProxyV2, SaysWhoseConnectionItIs) {
  const std::string bytes = v2({0x21, 0x11}, kIpv4Block);
  const ProxyHeader header = parse(bytes + "GET /");
  ASSERT_EQ(header.state, State::kDone);
  EXPECT_EQ(header.origin, Origin::kProxied);
  EXPECT_EQ(header.length, bytes.size());
  EXPECT_EQ(header.source, "192.0.2.1");
  EXPECT_EQ(header.destination, "192.0.2.2");
  EXPECT_EQ(header.source_port, 4660);
  EXPECT_EQ(header.destination_port, 443);
}

TEST(ProxyV2, Ipv6IsReadAsWell) {
  std::string block(36, '\0');
  block[0] = '\x20';
  block[1] = '\x01';
  block[15] = 1;
  block[31] = 2;
  block[33] = 80;
  const ProxyHeader header = parse(v2({0x21, 0x21}, block));
  ASSERT_EQ(header.state, State::kDone);
  EXPECT_EQ(header.source, "2001::1");
  EXPECT_EQ(header.destination, "::2");
  EXPECT_EQ(header.source_port, 80);
}

TEST(ProxyV2, EachBeginningNeedsMore) {
  const std::string bytes = v2({0x21, 0x11}, kIpv4Block);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(parse(bytes.substr(0, size)).state, State::kNeedsMore) << size;
}

TEST(ProxyV2, LocalIsThePeerItselfWhateverItsBlockHolds) {
  const std::string bytes = v2({0x20, 0xff}, "anything");
  const ProxyHeader header = parse(bytes);
  EXPECT_EQ(header.state, State::kDone);
  EXPECT_EQ(header.origin, Origin::kLocal);
  EXPECT_EQ(header.length, bytes.size());
}

TEST(ProxyV2, UnspecifiedAndUnixSayNoAddress) {
  for (const int family : {0x00, 0x01, 0x10, 0x31, 0x32}) {
    const ProxyHeader header = parse(v2({0x21, family}, std::string(216, 'x')));
    EXPECT_EQ(header.state, State::kDone) << family;
    EXPECT_EQ(header.origin, Origin::kUnspecified) << family;
  }
}

TEST(ProxyV2, TlvsAreSkippedWithinTheirBounds) {
  const std::string tlv("\x01\x00\x02h2\x04\x00\x00", 8);
  const std::string bytes = v2({0x21, 0x11}, kIpv4Block + tlv);
  EXPECT_EQ(parse(bytes).state, State::kDone);
  EXPECT_EQ(parse(bytes).length, bytes.size());
  EXPECT_EQ(parse(v2({0x21, 0x11}, kIpv4Block + std::string("\x01\x00\x03h2", 5))).state, State::kMalformed);
  EXPECT_EQ(parse(v2({0x21, 0x11}, kIpv4Block + std::string("\x01\x00", 2))).state, State::kMalformed);
}

TEST(ProxyV2, WhatIsNotTheFormIsMalformed) {
  EXPECT_EQ(parse("\r\n\r\nX").state, State::kMalformed);
  EXPECT_EQ(parse(v2({0x11, 0x11}, kIpv4Block)).state, State::kMalformed) << "another version";
  EXPECT_EQ(parse(v2({0x22, 0x11}, kIpv4Block)).state, State::kMalformed) << "another command";
  EXPECT_EQ(parse(v2({0x21, 0x41}, kIpv4Block)).state, State::kMalformed) << "another family";
  EXPECT_EQ(parse(v2({0x21, 0x13}, kIpv4Block)).state, State::kMalformed) << "another transport";
  EXPECT_EQ(parse(v2({0x21, 0x11}, kIpv4Block.substr(0, 11))).state, State::kMalformed)
      << "too short for its family";
  EXPECT_EQ(parse(v2({0x21, 0x21}, kIpv4Block)).state, State::kMalformed) << "too short for its family";
}

TEST(ProxyV2, ALongerHeaderThanTheBoundIsRefusedBeforeItIsRead) {
  EXPECT_EQ(parse(v2({0x21, 0x11}, "", kMaxProxyV2Bytes - 16)).state, State::kNeedsMore);
  EXPECT_EQ(parse(v2({0x21, 0x11}, "", kMaxProxyV2Bytes - 15)).state, State::kMalformed);
}

}  // namespace
}  // namespace revenge::http
