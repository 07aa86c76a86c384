#include <gtest/gtest.h>

#include <revenge/sql_order.hpp>

namespace revenge {
namespace {

TEST(SqlOrder, OfOneDirectionIsOneComparisonOfRows) {
  const SqlOrder up({{"title"}, {"id"}});
  EXPECT_EQ(up.text(), "title, id");
  EXPECT_EQ(up.behind(3), "(title, id) > ($3, $4)");
  const SqlOrder down({{"year", true}, {"id", true}});
  EXPECT_EQ(down.text(), "year DESC, id DESC");
  EXPECT_EQ(down.behind(1), "(year, id) < ($1, $2)");
}

TEST(SqlOrder, OfSeveralDirectionsComparesColumnByColumn) {
  const SqlOrder mixed({{"year", true}, {"title"}, {"id"}});
  EXPECT_EQ(mixed.text(), "year DESC, title, id");
  EXPECT_EQ(mixed.behind(2),
            "(year <= $2 AND ((year < $2) OR (year = $2 AND title > $3) OR (year = $2 AND title = $3 AND id "
            "> $4)))");
}

TEST(SqlOrder, OfAKeyAloneIsItsComparison) { EXPECT_EQ(SqlOrder({{"id"}}).behind(1), "(id) > ($1)"); }

}  // namespace
}  // namespace revenge
