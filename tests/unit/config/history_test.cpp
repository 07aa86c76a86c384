#include "config/history.hpp"

#include <gmock/gmock.h>

#include "folder_fixture.hpp"

namespace revenge::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HistoryFile : public ConfigFolder {
 protected:
  Sources sources(std::string text) const {
    return {{SourceKind::kMain, path("revenge.yaml"), std::move(text), {}},
            {SourceKind::kDropIn, path("revenge.d/1.yaml"), "a: 1", {}},
            {SourceKind::kSecret, path("secret"), "Sesame", {}, "REVENGE_A__B_FILE"}};
  }
  std::string text() const {
    std::ifstream in(folder_ / "history.json");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  History history() const { return History(folder_ / "history.json"); }

  base::ManualClock clock_;
};

TEST_F(HistoryFile, GoesOnCountingAfterARestart) {
  EXPECT_EQ(History(folder_ / "history.json").begin(clock_.wall(), sources("x: 1")), 1U);
  History second(folder_ / "history.json");
  EXPECT_EQ(second.begin(clock_.wall(), sources("x: 1")), 1U);
  EXPECT_EQ(second.record(clock_.wall(), "files", {"x"}, sources("x: 2")), 2U);
  History third(folder_ / "history.json");
  EXPECT_EQ(third.begin(clock_.wall(), sources("x: 3")), 3U);
  EXPECT_EQ(third.of(2)->by, "files");
  EXPECT_THAT(third.of(2)->changed, ElementsAre("x"));
  EXPECT_EQ(third.of(2)->at, clock_.wall());
  EXPECT_EQ(third.of(3)->by, "start");
}

TEST_F(HistoryFile, GivesBackTheFilesAndNeverKeepsASecret) {
  History history(folder_ / "history.json");
  history.begin(clock_.wall(), sources("x: 1"));
  const Places places{path("revenge.yaml"), Need::kRequired, {}};
  const Sources back = sourcesOf(history.of(1)->files, places);
  EXPECT_EQ(back, (Sources{sources("x: 1")[0], sources("x: 1")[1]}));
  EXPECT_THAT(text(), Not(HasSubstr("Sesame")));
}

TEST_F(HistoryFile, KeepsTheLastTwenty) {
  History history(folder_ / "history.json");
  for (int i = 1; i <= 25; ++i) history.record(clock_.wall(), "files", {}, sources(std::to_string(i)));
  const History again(folder_ / "history.json");
  EXPECT_EQ(again.kept().size(), History::kKept);
  EXPECT_EQ(again.kept().front().number, 25U);
  EXPECT_EQ(again.kept().back().number, 6U);
  EXPECT_FALSE(again.of(5));
}

TEST_F(HistoryFile, ShowsWhatWasRefusedUntilAnotherIsInForce) {
  History history(folder_ / "history.json");
  history.begin(clock_.wall(), sources("x: 1"));
  history.refuse(clock_.wall(), "files", {"revenge.yaml:1: no"});
  EXPECT_THAT(History(folder_ / "history.json").refused()->reasons, ElementsAre("revenge.yaml:1: no"));
  history.record(clock_.wall(), "files", {}, sources("x: 2"));
  EXPECT_FALSE(History(folder_ / "history.json").refused());
}

TEST_F(HistoryFile, WhatIsNoHistoryIsSetAside) {
  for (
      const char* const damage :
      {"", "{", "[]", R"({"kept": [{"number": 0, "files": []}]})", R"({"kept": [{"number": 1}]})",
       R"({"kept": [{"number": 1, "files": [{"kind": "drop-in", "name": "../../etc/passwd", "text": ""}]}]})",
       R"({"kept": [{"number": 1, "files": [{"kind": "secret", "text": ""}]}]})"}) {
    write("history.json", damage);
    History history(folder_ / "history.json");
    EXPECT_THAT(history.trouble(), HasSubstr("history.json.damaged")) << damage;
    EXPECT_EQ(history.begin(clock_.wall(), sources("x: 1")), 1U);
    EXPECT_THAT(history.trouble(), IsEmpty());
  }
}

TEST_F(HistoryFile, AFullDiskCostsAWarningAndGoesOn) {
  History history(folder_ / "history.json");
  history.begin(clock_.wall(), sources("x: 1"));
  std::filesystem::create_directory(folder_ / ".history.json.new");
  EXPECT_EQ(history.record(clock_.wall(), "files", {}, sources("x: 2")), 2U);
  EXPECT_THAT(history.trouble(), HasSubstr("cannot be written"));
  EXPECT_EQ(history.of(2)->files[0].text, "x: 2");
  EXPECT_EQ(History(folder_ / "history.json").number(), 1U);
}

}  // namespace
}  // namespace revenge::config
