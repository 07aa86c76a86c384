#include "limits/address.hpp"

#include <array>
#include <cstddef>

namespace revenge::http_limits {
namespace {

constexpr std::size_t kGroups = 8;
using Groups = std::array<std::uint16_t, kGroups>;

std::optional<std::uint32_t> parseIpv4(std::string_view text) {
  std::uint32_t address = 0;
  std::size_t at = 0;
  for (int octet = 0; octet < 4; ++octet) {
    if (octet > 0) {
      if (at == text.size() || text[at] != '.') return std::nullopt;
      ++at;
    }
    unsigned value = 0;
    const std::size_t begin = at;
    for (; at < text.size() && at < begin + 3 && text[at] >= '0' && text[at] <= '9'; ++at)
      value = value * 10 + static_cast<unsigned>(text[at] - '0');
    if (at == begin || value > 255 || (text[begin] == '0' && at > begin + 1)) return std::nullopt;
    address = address << 8 | value;
  }
  if (at != text.size()) return std::nullopt;
  return address;
}

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// One to four hex digits at `at`, which then stands behind them.
std::optional<std::uint16_t> takeGroup(std::string_view text, std::size_t& at) {
  const std::size_t begin = at;
  unsigned group = 0;
  for (; at < text.size() && at < begin + 4; ++at) {
    const int digit = hexDigit(text[at]);
    if (digit < 0) break;
    group = group << 4 | static_cast<unsigned>(digit);
  }
  if (at == begin) return std::nullopt;
  return static_cast<std::uint16_t>(group);
}

Address join(const Groups& groups) {
  Address address;
  for (std::size_t i = 0; i < 4; ++i) {
    address.high = address.high << 16 | groups[i];
    address.low = address.low << 16 | groups[i + 4];
  }
  return address;
}

// Groups as they stand in the text, and where "::" stands among them.
struct Written {
  Groups groups{};
  std::size_t count = 0;
  std::size_t gap = kGroups + 1;  // no "::"

  bool hasGap() const { return gap <= kGroups; }
  bool add(std::uint16_t group) {
    if (count == kGroups) return false;
    groups[count++] = group;
    return true;
  }
};

std::optional<Address> joinAroundGap(const Written& written) {
  if (!written.hasGap()) return written.count == kGroups ? std::optional(join(written.groups)) : std::nullopt;
  if (written.count == kGroups) return std::nullopt;  // "::" stands for one group at least
  Groups groups{};
  const std::size_t behind = written.count - written.gap;
  for (std::size_t i = 0; i < written.gap; ++i) groups[i] = written.groups[i];
  for (std::size_t i = 0; i < behind; ++i) groups[kGroups - behind + i] = written.groups[written.gap + i];
  return join(groups);
}

// The last two groups, written as an IPv4 address.
bool addIpv4(std::string_view text, Written& written) {
  const std::optional<std::uint32_t> address = parseIpv4(text);
  return address && written.add(static_cast<std::uint16_t>(*address >> 16)) &&
         written.add(static_cast<std::uint16_t>(*address & 0xffff));
}

std::optional<Address> parseIpv6(std::string_view text) {
  Written written;
  std::size_t at = 0;
  if (text.starts_with("::")) {
    written.gap = 0;
    at = 2;
  }
  while (at < text.size()) {
    const std::size_t begin = at;
    const std::optional<std::uint16_t> group = takeGroup(text, at);
    if (!group) return std::nullopt;
    if (at < text.size() && text[at] == '.') {
      if (!addIpv4(text.substr(begin), written)) return std::nullopt;
      break;
    }
    if (!written.add(*group)) return std::nullopt;
    if (at == text.size()) break;
    if (text[at] != ':') return std::nullopt;
    ++at;
    if (at == text.size()) return std::nullopt;
    if (text[at] != ':') continue;
    if (written.hasGap()) return std::nullopt;
    written.gap = written.count;
    ++at;
  }
  return joinAroundGap(written);
}

struct Run {
  std::size_t begin = 0;
  std::size_t size = 0;
};

// The groups that "::" stands for: the longest run of zeros, the first of equals, never a single one.
Run longestZeros(const Groups& groups) {
  Run longest;
  for (std::size_t i = 0; i < kGroups;) {
    std::size_t end = i;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - i > longest.size) longest = {i, end - i};
    i = end + 1;
  }
  return longest.size > 1 ? longest : Run{};
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return parseIpv6(text);
  const std::optional<std::uint32_t> address = parseIpv4(text);
  return address ? std::optional(fromIpv4(*address)) : std::nullopt;
}

Address Address::fromBytes(std::span<const std::uint8_t, 16> bytes) {
  Address address;
  for (std::size_t i = 0; i < 8; ++i) {
    address.high = address.high << 8 | bytes[i];
    address.low = address.low << 8 | bytes[i + 8];
  }
  return address;
}

AddressText textOf(Address address) {
  AddressText text;
  if (address.isIpv4()) {
    for (unsigned shift = 32; shift > 0;) {
      shift -= 8;
      text.appendNumber(address.ipv4() >> shift & 0xff);
      if (shift > 0) text.append('.');
    }
    return text;
  }
  Groups groups;
  for (std::size_t i = 0; i < 4; ++i) {
    groups[i] = static_cast<std::uint16_t>(address.high >> (48 - 16 * i));
    groups[i + 4] = static_cast<std::uint16_t>(address.low >> (48 - 16 * i));
  }
  const Run zeros = longestZeros(groups);
  for (std::size_t i = 0; i < kGroups;) {
    if (zeros.size > 0 && i == zeros.begin) {
      text.append("::");
      i += zeros.size;
      continue;
    }
    if (i > 0 && (zeros.size == 0 || i != zeros.begin + zeros.size)) text.append(':');
    text.appendNumber(groups[i++], 16);
  }
  return text;
}

Address maskedTo(Address address, unsigned bits) {
  const auto mask = [](unsigned kept) { return kept == 0 ? 0 : ~std::uint64_t{0} << (64 - kept); };
  if (bits <= 64) return {address.high & mask(bits), 0};
  return {address.high, address.low & mask(bits - 64)};
}

}  // namespace revenge::http_limits
