#include <gtest/gtest.h>

#include "postgresql/errors.hpp"
#include "postgresql/session.hpp"
#include "postgresql/text_format.hpp"
#include "settings.hpp"
#include "statement_cache.hpp"
#include "statement_text.hpp"

namespace database {
namespace {

TEST(StatementText, IsToldByItsFirstWord) {
  EXPECT_TRUE(looksLikeRead("  -- a comment\n /* and */ select 1"));
  EXPECT_TRUE(looksLikeRead("VALUES (1)"));
  EXPECT_FALSE(looksLikeRead("WITH x AS (SELECT 1) DELETE FROM y"));
  EXPECT_FALSE(looksLikeRead("selection"));
  EXPECT_TRUE(looksLikeWrite("INSERT INTO x VALUES (1)"));
  EXPECT_FALSE(looksLikeWrite("WITH x AS (SELECT 1) DELETE FROM y"));
  EXPECT_TRUE(controlsSession("Begin"));
  EXPECT_TRUE(controlsSession("set search_path = x"));
  EXPECT_FALSE(controlsSession("settle"));
  EXPECT_FALSE(controlsSession("/* never ends"));
}

TEST(StatementText, NothingInQuotesAndNoCommentIsLogged) {
  EXPECT_EQ(redacted("SELECT 'a' || '' , x -- why\n FROM y /* z */ WHERE n='it''s'"),
            "SELECT '...' || '...' , x FROM y WHERE n='...''...'");
  EXPECT_EQ(redacted("SELECT 'open"), "SELECT '...'");
  EXPECT_LT(redacted(std::string(100'000, 'x')).size(), 500U);
}

TEST(StatementCache, DropsTheLeastRecentlyUsed) {
  StatementCache<int> cache(2);
  cache.add("a", 1);
  cache.add("b", 2);
  EXPECT_EQ(*cache.find("a"), 1);
  cache.add("c", 3);
  EXPECT_EQ(cache.find("b"), nullptr);
  EXPECT_EQ(*cache.find("a"), 1);
  cache.add("a", 4);
  EXPECT_EQ(*cache.find("a"), 4);
  EXPECT_EQ(cache.size(), 2U);
  cache.drop("a");
  EXPECT_EQ(cache.find("a"), nullptr);
}

TEST(PostgresqlText, TimesGoThereAndBack) {
  using namespace postgresql;
  for (const std::int64_t us :
       {0LL, 1LL, -1LL, 1'796'000'000'123'456LL, -62'135'596'800'000'000LL, 253'402'300'799'999'999LL})
    EXPECT_EQ(parseTime(writeTime(us)), us) << writeTime(us);
  EXPECT_EQ(parseTime("1970-01-01 00:00:00+00"), 0);
  EXPECT_EQ(parseTime("1970-01-01 02:00:00.5+02"), 500'000);
  EXPECT_EQ(parseTime("1970-01-01 05:30:00+05:30"), 0);
  EXPECT_EQ(parseTime("1969-12-31 19:00:00-05"), 0);
  for (const char* none : {"infinity", "-infinity", "", "1970-13-01 00:00:00", "1970-01-01",
                           "0044-03-15 00:00:00 BC", "1970-01-01 00:00:00+"})
    EXPECT_EQ(parseTime(none), std::nullopt) << none;
}

TEST(PostgresqlText, BytesAreHexOrRefused) {
  EXPECT_EQ(postgresql::parseBytes("\\x00ff61"), std::string("\0\xff"
                                                             "a",
                                                             3));
  EXPECT_EQ(postgresql::parseBytes("\\x"), "");
  EXPECT_EQ(postgresql::parseBytes("\\x0"), std::nullopt);
  EXPECT_EQ(postgresql::parseBytes("\\xzz"), std::nullopt);
  EXPECT_EQ(postgresql::parseBytes("abc"), std::nullopt);
}

TEST(PostgresqlErrors, MeanWhatTheCallerMayDo) {
  using postgresql::meaning;
  EXPECT_EQ(meaning("23505"), Errc::kExists);
  EXPECT_EQ(meaning("23503"), Errc::kRefused);
  EXPECT_EQ(meaning("40001"), Errc::kBusy);
  EXPECT_EQ(meaning("57014"), Errc::kTimedOut);
  EXPECT_EQ(meaning("57P01"), Errc::kUnavailable);
  EXPECT_EQ(meaning("42P01"), Errc::kInvalid);
  EXPECT_EQ(meaning("53100"), Errc::kIo);
  EXPECT_EQ(meaning("P0001"), Errc::kFailed);
  EXPECT_TRUE(postgresql::endsConnection("08006"));
  EXPECT_FALSE(postgresql::endsConnection("57014"));
}

TEST(Settings, NameWhatIsWrong) {
  Settings settings;
  EXPECT_EQ(settings.refusal(), "");
  settings.url = "mysql://x";
  EXPECT_TRUE(settings.refusal().starts_with("url: expected postgresql://"));
  settings.url = "postgresql://x";
  settings.file = "/x";
  EXPECT_TRUE(settings.refusal().starts_with("file: "));
  settings.file.clear();
  settings.max_connections = 1;
  EXPECT_TRUE(settings.refusal().starts_with("min_connections: "));
  EXPECT_EQ(postgresql::refusalOf("postgresql://a:secret@h/d?nonsense=1").contains("secret"), false);
  EXPECT_NE(postgresql::refusalOf("postgresql://a:secret@h/d?nonsense=1"), "");
  EXPECT_EQ(Settings().options(2).max_connections, 4U);
  EXPECT_EQ(Settings().options(16).max_connections, 16U);
}

}  // namespace
}  // namespace database
