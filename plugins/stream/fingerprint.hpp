// Fingerprint: a stable 128-bit name for a few byte strings. A value; safe from any thread.
//
// FNV-1a: equal input gives equal names in every version and on every machine, and nothing can be read back from
// one. It is no proof against somebody who makes two inputs collide on purpose; nobody may gain by that.
#pragma once

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace stream {

struct Fingerprint {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const Fingerprint&) const = default;
};

// ("ab", "c") and ("a", "bc") differ.
Fingerprint fingerprintOf(std::initializer_list<std::string_view> parts);

std::string text(const Fingerprint& fingerprint);               // 32 hexadecimal digits
std::optional<Fingerprint> parseFingerprint(std::string_view);  // exactly what text() writes

struct FingerprintHash {
  std::size_t operator()(const Fingerprint& fingerprint) const { return fingerprint.low; }
};

}  // namespace stream
