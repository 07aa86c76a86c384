#include "http/proxy_protocol.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <arpa/inet.h>

namespace revenge::http {
namespace {

constexpr std::array<std::uint8_t, 12> kSignature = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                                     0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
constexpr std::string_view kV1Start = "PROXY ";
constexpr std::size_t kFixedBytes = 16;  // of version 2: signature, version and command, family, length
constexpr std::size_t kTlvHead = 3;

using State = ProxyHeader::State;
using Origin = ProxyHeader::Origin;

ProxyHeader malformed() { return {.state = State::kMalformed}; }

std::size_t number16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::size_t>(bytes[at]) << 8 | bytes[at + 1];
}

constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// Of four or sixteen bytes.
std::string addressAt(std::span<const std::uint8_t> bytes) {
  const bool mapped = bytes.size() == kIpv6Bytes && std::ranges::equal(bytes.first(kMapped.size()), kMapped);
  if (mapped) bytes = bytes.subspan(kMapped.size());
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(bytes.size() == kIpv4Bytes ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
}

// Empty: no address of that kind.
std::string parseAddress(std::string_view given, bool six) {
  std::array<std::uint8_t, kIpv6Bytes> bytes{};
  if (::inet_pton(six ? AF_INET6 : AF_INET, std::string(given).c_str(), bytes.data()) != 1) return {};
  return addressAt(std::span(bytes).first(six ? kIpv6Bytes : kIpv4Bytes));
}

// The next of words separated by single spaces; none is left: empty.
std::string_view takeWord(std::string_view& line) {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
  return word;
}

std::optional<std::uint16_t> parsePort(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  unsigned port = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  return port <= 65535 ? std::optional(static_cast<std::uint16_t>(port)) : std::nullopt;
}

// "TCP4 192.0.2.1 192.0.2.2 56324 443", without what stands around it.
ProxyHeader readV1Line(std::string_view line, std::size_t length) {
  const bool ends_in_space = line.ends_with(' ');
  const std::string_view protocol = takeWord(line);
  ProxyHeader header{.state = State::kDone, .origin = Origin::kUnspecified, .length = length};
  if (protocol == "UNKNOWN") return header;  // "the receiver must ignore anything presented before the CRLF"
  if (ends_in_space || (protocol != "TCP4" && protocol != "TCP6")) return malformed();
  const std::string_view source = takeWord(line);
  const std::string_view destination = takeWord(line);
  const auto source_port = parsePort(takeWord(line));
  const auto destination_port = parsePort(takeWord(line));
  if (!source_port || !destination_port || !line.empty()) return malformed();
  header.origin = Origin::kProxied;
  header.source = parseAddress(source, protocol == "TCP6");
  header.destination = parseAddress(destination, protocol == "TCP6");
  if (header.source.empty() || header.destination.empty()) return malformed();
  header.source_port = *source_port;
  header.destination_port = *destination_port;
  return header;
}

ProxyHeader parseV1(std::string_view text) {
  const std::string_view within = text.substr(0, kMaxProxyV1Bytes);
  const std::size_t end = within.find('\r');
  if (end == std::string_view::npos)
    return within.size() == kMaxProxyV1Bytes || within.contains('\n') ? malformed() : ProxyHeader{};
  if (within.substr(0, end).contains('\n')) return malformed();
  if (end + 1 == within.size()) return within.size() == kMaxProxyV1Bytes ? malformed() : ProxyHeader{};
  if (within[end + 1] != '\n') return malformed();
  return readV1Line(within.substr(kV1Start.size(), end - kV1Start.size()), end + 2);
}

bool areTlvs(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    if (bytes.size() < kTlvHead) return false;
    const std::size_t length = number16(bytes, 1);
    if (bytes.size() - kTlvHead < length) return false;
    bytes = bytes.subspan(kTlvHead + length);
  }
  return true;
}

// Behind the fixed part: two addresses of `size` bytes and two ports, then TLVs.
ProxyHeader readV2Addresses(std::span<const std::uint8_t> bytes, std::size_t size, std::size_t length) {
  const std::size_t ports = 2 * size;
  if (bytes.size() < ports + 4 || !areTlvs(bytes.subspan(ports + 4))) return malformed();
  return {.state = State::kDone,
          .origin = Origin::kProxied,
          .length = length,
          .source = addressAt(bytes.first(size)),
          .destination = addressAt(bytes.subspan(size, size)),
          .source_port = static_cast<std::uint16_t>(number16(bytes, ports)),
          .destination_port = static_cast<std::uint16_t>(number16(bytes, ports + 2))};
}

ProxyHeader parseV2(std::span<const std::uint8_t> bytes) {
  constexpr std::uint8_t kLocal = 0x20;  // version 2 in the upper half
  constexpr std::uint8_t kProxy = 0x21;
  if (bytes.size() > 12 && bytes[12] != kLocal && bytes[12] != kProxy) return malformed();
  if (bytes.size() < kFixedBytes) return {};
  const std::size_t length = kFixedBytes + number16(bytes, 14);
  if (length > kMaxProxyV2Bytes) return malformed();
  if (bytes.size() < length) return {};
  // "the receiver must accept ... and use the real connection endpoints and must discard the protocol block"
  if (bytes[12] == kLocal) return {.state = State::kDone, .origin = Origin::kLocal, .length = length};
  const std::span<const std::uint8_t> block = bytes.subspan(kFixedBytes, length - kFixedBytes);
  const unsigned family = bytes[13] >> 4;
  const unsigned transport = bytes[13] & 0x0fU;
  if (family > 3 || transport > 2) return malformed();
  if (family == 0 || family == 3 || transport == 0)
    return {.state = State::kDone, .origin = Origin::kUnspecified, .length = length};
  return readV2Addresses(block, family == 1 ? kIpv4Bytes : kIpv6Bytes, length);
}

}  // namespace

ProxyHeader parseProxyHeader(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return {};
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.front() == kV1Start.front()) {
    const std::size_t known = std::min(text.size(), kV1Start.size());
    if (text.substr(0, known) != kV1Start.substr(0, known)) return malformed();
    return parseV1(text);
  }
  const std::size_t known = std::min(bytes.size(), kSignature.size());
  if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(known), kSignature.begin()))
    return malformed();
  return parseV2(bytes);
}

}  // namespace revenge::http
