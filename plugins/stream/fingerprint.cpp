#include "fingerprint.hpp"

#include <array>

namespace stream {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr Wide wide(std::uint64_t high, std::uint64_t low) { return Wide{high} << 64U | low; }

// Of the definition of FNV-1a with 128 bits.
constexpr Wide kBasis = wide(0x6c62272e07bb0142, 0x62b821756295c58d);
constexpr Wide kPrime = wide(0x0000000001000000, 0x000000000000013b);

constexpr std::string_view kDigits = "0123456789abcdef";

void mix(Wide& hash, unsigned char byte) {
  hash ^= byte;
  hash *= kPrime;
}

void writeHex(std::string& out, std::uint64_t value) {
  for (unsigned shift = 64; shift > 0; shift -= 4) out += kDigits[value >> (shift - 4) & 0xFU];
}

std::optional<std::uint64_t> readHex(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char digit : digits) {
    const std::size_t nibble = kDigits.find(digit);
    if (nibble == std::string_view::npos) return std::nullopt;
    value = value << 4U | nibble;
  }
  return value;
}

}  // namespace

Fingerprint fingerprintOf(std::initializer_list<std::string_view> parts) {
  Wide hash = kBasis;
  for (const std::string_view part : parts) {
    const std::uint64_t length = part.size();
    for (unsigned shift = 0; shift < 64; shift += 8) mix(hash, static_cast<unsigned char>(length >> shift));
    for (const char byte : part) mix(hash, static_cast<unsigned char>(byte));
  }
  return {static_cast<std::uint64_t>(hash >> 64U), static_cast<std::uint64_t>(hash)};
}

std::string text(const Fingerprint& fingerprint) {
  std::string digits;
  digits.reserve(32);
  writeHex(digits, fingerprint.high);
  writeHex(digits, fingerprint.low);
  return digits;
}

std::optional<Fingerprint> parseFingerprint(std::string_view digits) {
  if (digits.size() != 32) return std::nullopt;
  const auto high = readHex(digits.substr(0, 16));
  const auto low = readHex(digits.substr(16));
  if (!high || !low) return std::nullopt;
  return Fingerprint{*high, *low};
}

}  // namespace stream
