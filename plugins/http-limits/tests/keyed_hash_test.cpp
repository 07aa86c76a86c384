#include "limits/keyed_hash.hpp"

#include <string>

#include <gtest/gtest.h>

namespace revenge::http_limits {
namespace {

// The reference code's key (00 01 ... 0f) and messages (00, 00 01, ...).
constexpr HashSecret kReference{0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};

std::string message(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

std::string hex(const KeyedHash& hash) {
  std::string text;
  for (const std::uint64_t half : {hash.first, hash.second}) {
    for (int byte = 0; byte < 8; ++byte) {
      text += "0123456789abcdef"[half >> (8 * byte + 4) & 0xf];
      text += "0123456789abcdef"[half >> (8 * byte) & 0xf];
    }
  }
  return text;
}

TEST(KeyedHash, IsSipHash128) {
  EXPECT_EQ(hex(keyedHash(message(0), kReference)), "a3817f04ba25a8e66df67214c7550293");
  EXPECT_EQ(hex(keyedHash(message(1), kReference)), "da87c1d86b99af44347659119b22fc45");
  EXPECT_EQ(hex(keyedHash(message(8), kReference)), "3b62a9ba6258f5610f83e264f31497b4");
  EXPECT_EQ(hex(keyedHash(message(15), kReference)), "5493e99933b0a8117e08ec0f97cfc3d9");
  EXPECT_EQ(hex(keyedHash(message(63), kReference)), "5150d1772f50834a503e069a973fbd7c");
}

TEST(KeyedHash, AnotherSecretIsAnotherHash) {
  EXPECT_NE(keyedHash("key", {1, 2}), keyedHash("key", {1, 3}));
  EXPECT_NE(keyedHash("key", {1, 2}), keyedHash("key", {2, 2}));
  EXPECT_NE(keyedHash("key", {1, 2}), keyedHash(std::string_view("key\0", 4), {1, 2}));
}

}  // namespace
}  // namespace revenge::http_limits
