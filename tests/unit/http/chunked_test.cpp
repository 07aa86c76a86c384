#include "http/chunked.hpp"

#include <string>

#include <gtest/gtest.h>

namespace revenge::http {
namespace {

// The payload, or "bad", or "more" when the body has not ended; `step` bytes are given at a time.
std::string decode(std::string_view bytes, std::size_t step, std::string* rest = nullptr) {
  ChunkDecoder decoder;
  std::string out;
  while (!bytes.empty()) {
    const auto decoded = decoder.next(bytes.substr(0, step));
    bytes.remove_prefix(decoded.consumed);
    out += decoded.piece;
    if (decoded.step == ChunkDecoder::Step::kBad) return "bad";
    if (decoded.step == ChunkDecoder::Step::kEnd) {
      if (rest != nullptr) *rest = bytes;
      return out;
    }
  }
  return "more";
}

TEST(Chunked, DecodesHoweverTheBytesArrive) {
  const std::string body =
      "5\r\nhello\r\n1;name=\"v\"\r\n \r\nA\r\n0123456789\r\n000\r\nTrailer: x\r\n\r\nGET /";
  for (std::size_t step = 1; step <= body.size(); ++step) {
    std::string rest;
    EXPECT_EQ(decode(body, step, &rest), "hello 0123456789");
    EXPECT_EQ(rest, "GET /");
  }
}

TEST(Chunked, RefusesWhatTwoParsersReadDifferently) {
  for (const std::string bad :
       {"\r\n", "x\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", "1 \r\na\r\n", "1\na\r\n", "1\r\nab\r\n",
        "1\r\na\n0\r\n\r\n", "1\r\na\rX", "1;a\nb\r\n", "8000000000000000\r\n", "10000000000000000\r\n",
        "0\r\n x: y\r\n\r\n", "0\r\n\n"}) {
    EXPECT_EQ(decode(bad, 100), "bad") << bad;
  }
}

TEST(Chunked, BoundsWhatIsNotPayload) {
  const std::string much(ChunkDecoder::kMaxExtra + 1, 'a');
  EXPECT_EQ(decode("1;" + much + "\r\n", 1U << 20U), "bad");
  EXPECT_EQ(decode("0\r\nx:" + much + "\r\n\r\n", 1U << 20U), "bad");
  EXPECT_EQ(decode(std::string(ChunkDecoder::kMaxExtra + 2, '0') + "\r\n\r\n", 1U << 20U), "bad");
  std::string many;
  for (std::size_t i = 0; i < ChunkDecoder::kMaxExtra; ++i) many += "1;\r\na\r\n";
  EXPECT_EQ(decode(many + "1;\r\na\r\n", 1U << 20U), "bad");
}

TEST(Chunked, WritesSizesInHex) {
  EXPECT_EQ(ChunkHeader(8000).text(), "1f40\r\n");
  EXPECT_EQ(ChunkHeader(UINT64_MAX).text(), "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace revenge::http
