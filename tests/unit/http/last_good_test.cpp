#include "http/last_good.hpp"

#include <gtest/gtest.h>

namespace revenge::http {
namespace {

KeptAnswer answer(std::string body) {
  return {.headers = {}, .content_type = "text/plain", .etag = {}, .body = std::move(body)};
}

TEST(LastGood, AnswersWhatThePluginSaidLastToThatTarget) {
  LastGood kept;
  kept.keep("a", "/x", answer("first"));
  kept.keep("a", "/x", answer("second"));
  kept.keep("b", "/x", answer("other"));
  KeptAnswer found;
  ASSERT_TRUE(kept.find("a", "/x", found));
  EXPECT_EQ(found.body, "second");
  EXPECT_FALSE(kept.find("a", "/y", found));
}

TEST(LastGood, LosesTheLeastRecentlyUsedWhenItIsFull) {
  LastGood kept;
  const std::string large(LastGood::kMaxBody, 'x');
  const std::size_t fits = LastGood::kMaxBytes / (large.size() + 64);
  KeptAnswer found;
  for (std::size_t i = 0; i < fits + 2; ++i) {
    kept.keep("a", "/" + std::to_string(i), answer(large));
    EXPECT_TRUE(kept.find("a", "/0", found)) << i;
  }
  EXPECT_FALSE(kept.find("a", "/1", found));
  EXPECT_TRUE(kept.find("a", "/" + std::to_string(fits + 1), found));
}

}  // namespace
}  // namespace revenge::http
