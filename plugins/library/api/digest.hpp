// SHA-256 and what is made of it. Thread safety: pure functions.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace library::api {

using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view bytes);
Digest hmacSha256(std::string_view key, std::string_view bytes);
// In a time that does not tell where they differ.
bool isSame(std::string_view a, std::string_view b);
// In hex, the first `bytes` of it.
std::string hexOf(const Digest& digest, std::size_t bytes);

}  // namespace library::api
