#include "media/values.hpp"

#include <gtest/gtest.h>

namespace library::media {
namespace {

TEST(Values, Numbers) {
  EXPECT_EQ(wholeNumber("25"), 25);
  EXPECT_EQ(wholeNumber("-99"), -99);
  EXPECT_EQ(decimal("-0.023000"), -0.023);
  for (const char* none : {"", "N/A", "1 ", " 1", "0x1", "99999999999999999999"})
    EXPECT_FALSE(wholeNumber(none)) << none;
  for (const char* none : {"", "N/A", "nan", "-inf", "1e999", "1s"}) EXPECT_FALSE(decimal(none)) << none;
}

TEST(Values, Times) {
  EXPECT_EQ(milliseconds(1.0004), 1000);
  EXPECT_EQ(milliseconds(1e9), 1'000'000'000'000);
  EXPECT_EQ(milliseconds(1.1e9), std::nullopt);
  EXPECT_EQ(milliseconds(-0.001), std::nullopt);
  EXPECT_EQ(clockMilliseconds("100:01:02.024000000"), 360'062'024);
  for (const char* none : {"", "1", "00:01", "a:b:c", "-1:00:00", "00::00"})
    EXPECT_FALSE(clockMilliseconds(none)) << none;
}

TEST(Values, Rationals) {
  EXPECT_EQ(rational("24000/1001"), (Rational{24000, 1001}));
  EXPECT_EQ(rational("64:45"), (Rational{64, 45}));
  for (const char* none : {"", "1", "0/0", "0:1", "25/0", "-25/1", "25/-1", "1/9999999999", "N/A", "1/1/1"}) {
    EXPECT_FALSE(rational(none)) << none;
  }
}

TEST(Values, BitsOfASample) {
  const struct {
    const char* format;
    int bits;  // 0: not known
  } kRows[] = {{"yuv420p", 8},  {"yuvj420p", 8},     {"nv12", 8},         {"rgb24", 8},     {"gray", 8},
               {"pal8", 8},     {"yuv420p10le", 10}, {"yuv444p12be", 12}, {"p010le", 10},   {"p016le", 16},
               {"p210le", 10},  {"p416be", 16},      {"gray10le", 10},    {"gbrp16le", 16}, {"gbrpf32le", 32},
               {"rgb48le", 16}, {"rgba64be", 16},    {"ya16le", 16},      {"rgb565le", 0},  {"monob", 0},
               {"xyz12le", 0},  {"bayer_rggb8", 0},  {"le", 0},           {"", 0}};
  for (const auto& row : kRows) EXPECT_EQ(bitDepthOf(row.format).value_or(0), row.bits) << row.format;
}

}  // namespace
}  // namespace library::media
