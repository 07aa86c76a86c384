#include <string>

#include <gtest/gtest.h>

#include <revenge/keyed_hash.hpp>

namespace revenge {
namespace {

// The reference code's key (00 01 ... 0f) and messages (00, 00 01, ...).
constexpr HashSecret kReference{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};

std::string message(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

std::string hex(const KeyedHash& hash) {
  std::string text;
  for (const std::uint64_t half : {hash.first, hash.second}) {
    for (unsigned byte = 0; byte < 8; ++byte) {
      text += "0123456789abcdef"[half >> (8 * byte + 4) & 0xfU];
      text += "0123456789abcdef"[half >> (8 * byte) & 0xfU];
    }
  }
  return text;
}

TEST(KeyedHash, IsSipHash24OfTheReferenceCode) {
  EXPECT_EQ(hex(keyedHash(message(0), kReference)), "a3817f04ba25a8e66df67214c7550293");
  EXPECT_EQ(hex(keyedHash(message(1), kReference)), "da87c1d86b99af44347659119b22fc45");
  EXPECT_EQ(hex(keyedHash(message(7), kReference)), "a1f1ebbed8dbc153c0b84aa61ff08239");
  EXPECT_EQ(hex(keyedHash(message(8), kReference)), "3b62a9ba6258f5610f83e264f31497b4");
  EXPECT_EQ(hex(keyedHash(message(63), kReference)), "5150d1772f50834a503e069a973fbd7c");
}

// openssl mac -macopt size:16 -macopt c-rounds:1 -macopt d-rounds:3 SIPHASH
TEST(KeyedHash, OfATableIsSipHash13AsOpensslHasIt) {
  EXPECT_EQ(hex(tableHash(message(0), kReference)), "e77ebcb22788a5befd62db6add303001");
  EXPECT_EQ(hex(tableHash(message(1), kReference)), "fc6f370460d3eda85e0573cc2b2ff063");
  EXPECT_EQ(hex(tableHash(message(7), kReference)), "1084b923f2aae0c3a62f2ec80848ab77");
  EXPECT_EQ(hex(tableHash(message(8), kReference)), "aa12fee1d5e3dab4724f16ab35f9c799");
  EXPECT_EQ(hex(tableHash(message(63), kReference)), "4c5800e34efe426f079f6b0aa75260ad");
}

TEST(KeyedHash, AnotherSecretIsAnotherHash) {
  EXPECT_NE(keyedHash("key", {1, 2}), keyedHash("key", {1, 3}));
  EXPECT_NE(keyedHash("key", {1, 2}), keyedHash("key", {2, 2}));
  EXPECT_NE(keyedHash("key", HashSecret::random()), keyedHash("key", HashSecret::random()));
}

TEST(KeyedHash, EveryByteAndTheLengthCount) {
  EXPECT_NE(keyedHash("key", {1, 2}), keyedHash(std::string_view("key\0", 4), {1, 2}));
  EXPECT_NE(tableHash("key", {1, 2}), tableHash(std::string_view("key\0", 4), {1, 2}));
  EXPECT_NE(tableHash("12345678", {1, 2}), tableHash("12345679", {1, 2}));
}

}  // namespace
}  // namespace revenge
