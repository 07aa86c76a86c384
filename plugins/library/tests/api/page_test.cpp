#include "api/page.hpp"

#include <array>

#include <gtest/gtest.h>

#include "api/filter.hpp"

namespace library::api {
namespace {

constexpr std::array<std::string_view, 3> kFields{"title", "added", "year"};
using Parameters = std::vector<Parameter>;

// "field:CODE" of each, in order.
std::string faults(const Parameters& parameters) {
  QueryReader query(parameters);
  (void)readPage(query, kFields);
  (void)readItemFilter(query);
  std::string all;
  for (const FieldError& one : std::move(query).finish())
    all += (all.empty() ? "" : " ") + one.field + ":" + one.code;
  return all;
}

Page pageOf(const Parameters& parameters) {
  QueryReader query(parameters);
  return readPage(query, kFields);
}

// A4.
TEST(Page, LimitIsFrom1To100) {
  for (const char* good : {"1", "50", "100"}) EXPECT_EQ(faults({{"limit", good}}), "") << good;
  EXPECT_EQ(faults({{"limit", "0"}}), "limit:TOO_SMALL");
  EXPECT_EQ(faults({{"limit", "101"}}), "limit:TOO_LARGE");
  EXPECT_EQ(faults({{"limit", "abc"}}), "limit:NOT_A_NUMBER");
  EXPECT_EQ(faults({{"limit", "-1"}}), "limit:TOO_SMALL");
  EXPECT_EQ(faults({{"limit", "1e9"}}), "limit:NOT_A_NUMBER");
  EXPECT_EQ(faults({{"limit", ""}}), "limit:NOT_A_NUMBER");
  EXPECT_EQ(faults({{"limit", "99999999999999999999"}}), "limit:TOO_LARGE");
  EXPECT_EQ(faults({{"limit", "-99999999999999999999"}}), "limit:TOO_SMALL");
}

TEST(Page, IsTheFirst50WhenNothingIsSaid) {
  const Page page = pageOf({});
  EXPECT_EQ(page.limit, 50);
  EXPECT_EQ(page.offset, 0);
  ASSERT_EQ(page.sort.size(), 1U);
  EXPECT_EQ(page.sort[0].field, 0U);
}

TEST(Page, TellsAllThatIsWrongAtOnce) {
  EXPECT_EQ(
      faults({{"limit", "0"}, {"offset", "-1"}, {"colour", "red"}, {"kind", "song"}, {"library_id", "7"}}),
      "limit:TOO_SMALL offset:TOO_SMALL library_id:NOT_AN_ID kind:NOT_ONE_OF colour:UNKNOWN");
  EXPECT_EQ(faults({{"limit", "1"}, {"limit", "2"}}), "limit:REPEATED");
  EXPECT_EQ(faults({{"cursor", "x"}, {"offset", "0"}}), "cursor:NOT_WITH_OFFSET");
  EXPECT_EQ(faults({{"q", "\xff"}}), "q:NOT_TEXT");
  EXPECT_EQ(faults({{"q", std::string_view("a\0", 2)}}), "q:NOT_TEXT");
  EXPECT_EQ(faults({{"year", "1999"}, {"year_to", "2000"}}), "year:NOT_WITH_RANGE");
}

TEST(Page, IsSortedByFieldsThatMayBeSortedBy) {
  const Page page = pageOf({{"sort", "-year,title"}});
  ASSERT_EQ(page.sort.size(), 2U);
  EXPECT_EQ(page.sort[0].field, 2U);
  EXPECT_TRUE(page.sort[0].descending);
  EXPECT_FALSE(page.sort[1].descending);
  EXPECT_EQ(faults({{"sort", "path"}}), "sort:NOT_ONE_OF");
  EXPECT_EQ(faults({{"sort", ""}}), "sort:NOT_ONE_OF");
  EXPECT_EQ(faults({{"sort", "year,"}}), "sort:NOT_ONE_OF");
  EXPECT_EQ(faults({{"sort", "year,-year"}}), "sort:REPEATED");
}

TEST(Page, OfOneListHasOneName) {
  EXPECT_EQ(listOf("/i", Parameters{{"a", "1"}, {"b", "2"}, {"limit", "5"}}, "u"),
            listOf("/i", Parameters{{"b", "2"}, {"cursor", "x"}, {"a", "1"}}, "u"));
  EXPECT_NE(listOf("/i", Parameters{{"a", "1"}}, "u"), listOf("/i", Parameters{{"a", "2"}}, "u"));
  EXPECT_NE(listOf("/i", Parameters{{"a", "1"}}, "u"), listOf("/i", Parameters{{"a", "1"}}, "v"));
  EXPECT_NE(listOf("/i", Parameters{{"a", "1"}}, "u"), listOf("/t", Parameters{{"a", "1"}}, "u"));
}

TEST(Page, LinksToItsNeighbours) {
  const Parameters parameters{{"q", "a&b"}, {"offset", "50"}};
  Page page{.limit = 20, .offset = 50};
  EXPECT_EQ(linkField("/i", parameters, page, {.next_cursor = "c", .total = 101}),
            "</i?q=a%26b&limit=20&offset=0>; rel=\"first\", </i?q=a%26b&limit=20&offset=30>; rel=\"prev\", "
            "</i?q=a%26b&limit=20&offset=70>; rel=\"next\", </i?q=a%26b&limit=20&offset=100>; rel=\"last\"");
  EXPECT_FALSE(linkField("/i", {}, page, {.next_cursor = "", .total = kCountedTotal + 1}).contains("last"));
  page.cursor = "b";
  EXPECT_EQ(linkField("/i", {}, page, {.next_cursor = "c", .total = 101}),
            "</i?limit=20>; rel=\"first\", </i?limit=20&cursor=c>; rel=\"next\"");
}

TEST(Filter, SearchesForWhatIsWrittenWhateverItsCase) {
  const Parameters parameters{{"q", "100%_A!"}};
  QueryReader query(parameters);
  EXPECT_EQ(readItemFilter(query).pattern, "%100!%!_a!!%");
}

TEST(Filter, YearIsARangeOfOne) {
  const Parameters parameters{{"year", "1999"}, {"missing", "true"}};
  QueryReader query(parameters);
  const Filter filter = readTitleFilter(query);
  EXPECT_EQ(filter.year_from, 1999);
  EXPECT_EQ(filter.year_to, 1999);
  EXPECT_TRUE(filter.missing);
}

}  // namespace
}  // namespace library::api
