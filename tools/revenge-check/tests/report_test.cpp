#include "revenge-check/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "document/json.hpp"

namespace revenge::check {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Summary example() {
  Summary summary{.folder = "/packages/thumbs", .id = "thumbs", .version = "0.2.0", .seed = 7};
  summary.outcomes = {
      {.row = &rows()[0], .state = State::kClean, .notes = {"12 bytes"}},
      {.row = &rows()[1],
       .state = State::kFound,
       .findings = {"a <b> & \"c\"\x01\xff", "another"},
       .output = "last words\n"},
      {.row = &rows()[2], .state = State::kNotRun, .why = "requires acme.store/1"},
  };
  summary.took = std::chrono::milliseconds(1500);
  return summary;
}

TEST(Report, TellsPeopleTheFindingsFirstAndTheSummaryLast) {
  const auto text = forPeople(example(), Colours::kNo);
  EXPECT_TRUE(text.starts_with(std::string(rows()[1].id) + ": a <b>"));
  EXPECT_THAT(text, HasSubstr("remedy: " + std::string(rows()[1].remedy)));
  EXPECT_THAT(text, HasSubstr("| last words\n"));
  EXPECT_THAT(text, HasSubstr(std::string(rows()[2].id) + " not run: requires acme.store/1"));
  EXPECT_TRUE(
      text.ends_with("thumbs 0.2.0 : 1 of 3 rows clean, 1 with findings, 1 not run; 1.5 s, seed 7\n") ||
      text.ends_with("thumbs 0.2.0: 1 of 3 rows clean, 1 with findings, 1 not run; 1.5 s, seed 7\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(forPeople(example(), Colours::kYes), HasSubstr("\x1b[31m"));
}

TEST(Report, JsonHoldsEachRow) {
  const auto value = document::parseJson(asJson(example()), "report");
  ASSERT_TRUE(value.has_value()) << value.error().message;
  EXPECT_EQ(value->find("clean")->boolean(), false);
  EXPECT_EQ(*value->find("seed")->text(), "7");
  EXPECT_EQ(value->find("rows")->array()->size(), 3U);
  EXPECT_EQ(*value->at("/rows/1/state")->text(), "found");
  EXPECT_EQ(*value->at("/rows/1/findings/1")->text(), "another");
  EXPECT_EQ(*value->at("/rows/2/why")->text(), "requires acme.store/1");
}

TEST(Report, JunitEscapesWhatXmlDoesNotTake) {
  const auto text = asJunit(example());
  EXPECT_THAT(text, HasSubstr(R"(tests="3" failures="1" errors="0" skipped="1" time="1.500")"));
  EXPECT_THAT(text, HasSubstr("message=\"a &lt;b&gt; &amp; &quot;c&quot;?\xEF\xBF\xBD\""));
  EXPECT_THAT(text, HasSubstr("<skipped message=\"requires acme.store/1\"/>"));
  EXPECT_THAT(text, HasSubstr("<system-out>12 bytes&#10;</system-out>"));
  EXPECT_THAT(text, Not(HasSubstr("\x01")));
}

TEST(Report, NamesWhatLivedBesideIt) {
  auto summary = example();
  summary.with = {"database 0.1.0"};
  EXPECT_THAT(forPeople(summary, Colours::kNo), HasSubstr("beside it lived database 0.1.0\n"));
  EXPECT_EQ(*document::parseJson(asJson(summary), "report")->at("/with/0")->text(), "database 0.1.0");
}

TEST(Report, OnlyFindingsMakeASummaryUnclean) {
  auto summary = example();
  EXPECT_FALSE(summary.clean());
  summary.outcomes.erase(summary.outcomes.begin() + 1);
  EXPECT_TRUE(summary.clean());
}

TEST(Report, TheTableHasALineForEachRow) {
  const auto text = rowTable();
  for (const auto& row : rows()) EXPECT_THAT(text, HasSubstr("| `" + std::string(row.id) + "` |"));
}

}  // namespace
}  // namespace revenge::check
