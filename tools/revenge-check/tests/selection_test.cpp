#include "revenge-check/selection.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace revenge::check {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> ids(const std::vector<Selected>& selected, bool kept) {
  std::vector<std::string> all;
  for (const auto& each : selected)
    if (each.kept == kept) all.emplace_back(each.row->id);
  return all;
}

base::Result<CommandLine> parse(std::vector<std::string> words) { return parseCommandLine(words); }

TEST(Rows, IdsAreUniqueAndWhatARowNeedsComesBeforeIt) {
  std::set<std::string_view> seen;
  for (const auto& row : rows()) {
    const auto behind = rowBehind(row.needs);
    EXPECT_TRUE(behind.empty() || seen.contains(behind)) << row.id;
    EXPECT_TRUE(seen.insert(row.id).second) << row.id;
    EXPECT_FALSE(row.description.empty() || row.remedy.empty()) << row.id;
  }
}

TEST(Select, AllRowsWithoutAChoice) {
  const std::vector<std::string> none;
  EXPECT_EQ(select(none).size(), rows().size());
}

TEST(Select, ARowBringsThoseThatItNeeds) {
  const std::vector<std::string> only{"state.garbage"};
  const auto selected = select(only);
  EXPECT_THAT(ids(selected, true), ElementsAre("state.garbage"));
  EXPECT_THAT(ids(selected, false), ElementsAre("manifest.valid", "package.files", "load.probe",
                                                "life.create-destroy", "life.start-stop"));
}

TEST(Select, AStarStandsForAllThatBeginSo) {
  const std::vector<std::string> only{"state.*"};
  EXPECT_THAT(ids(select(only), true), ElementsAre("state.round-trip", "state.older-blob", "state.garbage"));
}

TEST(CommandLine, TakesOptionsAnywhere) {
  const auto line =
      parse({"--only", "life.*", "thumbs", "--seed=7", "--json", "--timeout", "5", "--junit=a.xml"});
  ASSERT_TRUE(line.has_value()) << line.error().message;
  EXPECT_EQ(line->folder, "thumbs");
  EXPECT_THAT(line->only, ElementsAre("life.*"));
  EXPECT_EQ(line->seed, 7U);
  EXPECT_EQ(line->timeout, std::chrono::seconds(5));
  EXPECT_EQ(line->junit, "a.xml");
  EXPECT_TRUE(line->with.empty());
  EXPECT_TRUE(line->json);
}

TEST(CommandLine, TakesAsManyCompanionsAsThereAre) {
  const auto line = parse({"library", "--with", "database", "--with=clock"});
  ASSERT_TRUE(line.has_value()) << line.error().message;
  EXPECT_THAT(line->with, ElementsAre("database", "clock"));
}

TEST(CommandLine, SaysWhatIsWrong) {
  EXPECT_THAT(parse({}).error().message, HasSubstr("which package"));
  EXPECT_THAT(parse({"a", "b"}).error().message, HasSubstr("'b'"));
  EXPECT_THAT(parse({"a", "--seed"}).error().message, HasSubstr("--seed"));
  EXPECT_THAT(parse({"a", "--seed", "x"}).error().message, HasSubstr("'x'"));
  EXPECT_THAT(parse({"a", "--timeout", "0"}).error().message, HasSubstr("1 to 3600"));
  EXPECT_THAT(parse({"a", "--only", "nothing.such"}).error().message, HasSubstr("nothing.such"));
  EXPECT_THAT(parse({"a", "--colour"}).error().message, HasSubstr("--colour"));
}

}  // namespace
}  // namespace revenge::check
