#include "http/negotiation.hpp"

#include <array>

#include <gtest/gtest.h>

namespace revenge::http {
namespace {

constexpr std::array<MediaOffer, 2> kOffers{
    {{"text/plain", "0.0.4"}, {"application/openmetrics-text", "1.0.0"}}};
constexpr std::size_t kPlain = 0;
constexpr std::size_t kOpen = 1;

std::size_t chosen(std::string_view accept) { return preferredMedia(accept, kOffers); }

TEST(Negotiation, M3_WhatPrometheus3SendsMeansOpenMetrics) {
  EXPECT_EQ(
      chosen("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
             "application/openmetrics-text;version=0.0.1;q=0.5,"
             "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"),
      kOpen);
}

TEST(Negotiation, M3_WhoTakesAnythingOrSaysNothingGetsTheFirst) {
  EXPECT_EQ(chosen("*/*"), kPlain);
  EXPECT_EQ(chosen(""), kPlain);
  EXPECT_EQ(chosen("text/html, image/*"), kPlain);
  EXPECT_EQ(chosen("nonsense;;;q=,"), kPlain);
}

TEST(Negotiation, TheHigherWeightWinsAndTheCloserRangeCounts) {
  EXPECT_EQ(chosen("text/plain;q=0.5, application/openmetrics-text;q=0.51"), kOpen);
  EXPECT_EQ(chosen("text/plain;q=0.51, application/openmetrics-text;q=0.5"), kPlain);
  EXPECT_EQ(chosen("*/*, text/plain;q=0.1"), kOpen);
  EXPECT_EQ(chosen("application/*"), kOpen);
  EXPECT_EQ(chosen("application/openmetrics-text; version=\"1.0.0\""), kOpen);
  EXPECT_EQ(chosen("application/openmetrics-text;version=2.0.0"), kPlain);
  EXPECT_EQ(chosen("application/openmetrics-text;q=0"), kPlain);
}

TEST(Negotiation, AWeightThatIsNoneTakesItsRangeAway) {
  EXPECT_EQ(chosen("application/openmetrics-text;q=2"), kPlain);
  EXPECT_EQ(chosen("application/openmetrics-text;q=1.001"), kPlain);
  EXPECT_EQ(chosen("application/openmetrics-text;q=0.12345"), kPlain);
  EXPECT_EQ(chosen("application/openmetrics-text;q=0.001"), kOpen);
}

TEST(Negotiation, ACodingIsTakenWhenItIsNamedOrAnyIs) {
  EXPECT_TRUE(takesCoding("gzip", "gzip"));
  EXPECT_TRUE(takesCoding("br, GZIP;q=0.1", "gzip"));
  EXPECT_TRUE(takesCoding("*", "gzip"));
  EXPECT_FALSE(takesCoding("", "gzip"));
  EXPECT_FALSE(takesCoding("identity", "gzip"));
  EXPECT_FALSE(takesCoding("*, gzip;q=0", "gzip"));
}

}  // namespace
}  // namespace revenge::http
