#include "app/flags_keeper.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "observe/recording_log.hpp"

namespace revenge::app {
namespace {

using base::Errc;
using flags::Edit;
using testing::HasSubstr;

constexpr const char* kFile = R"(# ours
bucketing: 1
flags:
  player: {owner: ann, remove_when: never, default: on}
)";

class FlagsKeeperTest : public testing::Test {
 protected:
  ~FlagsKeeperTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file() const { return folder_ / "flags.yaml"; }
  void write(std::string_view text) const { std::ofstream(file()) << text; }
  std::string written() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  bool on(std::string_view key, bool fallback = false) {
    return flags_.enabled(flags_.id(key).value(), {"ada"}, fallback);
  }
  base::Result<flags::Edited> kill(std::string key, flags::Asked asked = {.by = "ann"}) {
    return keeper_.edit({.kind = Edit::Kind::kKill, .key = std::move(key)}, asked);
  }
  std::vector<std::string> told(std::string_view kind) {
    std::vector<std::string> texts;
    for (const observe::Event& event : events_.subscribe(1, [] {}).read().events) {
      if (event.kind == kind) texts.push_back(event.text);
    }
    return texts;
  }

  std::filesystem::path folder_ = made();
  observe::RecordingLog log_;
  observe::Health health_{log_.clock()};
  observe::EventStream events_{log_.clock()};
  flags::Flags flags_{log_.clock(), log_.metrics()};
  FlagsKeeper keeper_{
      {log_.clock(), flags_, log_.log(), log_.metrics(), health_, events_}, file(), Watch::kNo};

 private:
  static std::filesystem::path made() {
    std::string pattern = (std::filesystem::temp_directory_path() / "revenge-flags-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }
};

TEST_F(FlagsKeeperTest, AKillOfAFlagThatNobodyKnowsIsNotFound) {
  write(kFile);
  ASSERT_TRUE(keeper_.open());
  const auto killed = kill("plaier");
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().code, Errc::kNotFound);
  EXPECT_EQ(killed.error().message, "no flag 'plaier' in " + file().string() + ", and no plugin asks for it");
  EXPECT_EQ(written(), kFile);
  EXPECT_EQ(flags_.generation(), 1U);
}

TEST_F(FlagsKeeperTest, AFlagThatAPluginAsksForIsKilledAlsoWhereNoFileDefinesIt) {
  ASSERT_TRUE(keeper_.open());
  EXPECT_TRUE(on("player", true));
  const auto killed = kill("player");
  ASSERT_TRUE(killed) << killed.error().message;
  EXPECT_FALSE(killed->before.isDefined());
  EXPECT_FALSE(on("player", true));
  EXPECT_THAT(written(), HasSubstr("kill: true"));
}

TEST_F(FlagsKeeperTest, AnEditStandsInTheFileBeforeItIsToldWithWhoDidIt) {
  write(kFile);
  ASSERT_TRUE(keeper_.open());
  std::string seen;
  const auto subscription = flags_.subscribe([&](const flags::Change&) { seen = written(); });
  const auto killed = kill("player");
  ASSERT_TRUE(killed) << killed.error().message;
  EXPECT_EQ(killed->generation, 2U);
  EXPECT_EQ(killed->before.says, "on");
  EXPECT_EQ(killed->after.says, "killed");
  EXPECT_EQ(seen, written());
  EXPECT_THAT(seen, testing::AllOf(testing::StartsWith("# ours\n"), HasSubstr("kill: true")));
  EXPECT_FALSE(on("player"));
  EXPECT_THAT(told("flag.changed"), testing::ElementsAre("flag player: on -> killed by ann"));
}

TEST_F(FlagsKeeperTest, WhatWasDecidedOnOtherFlagsIsStale) {
  write(kFile);
  ASSERT_TRUE(keeper_.open());
  const auto stale = kill("player", {.by = "ann", .decided_on = 0});
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, Errc::kStale);
  EXPECT_THAT(stale.error().message, HasSubstr("decided on generation 0 of the flags, but 1 is in force"));
  EXPECT_TRUE(on("player"));
  EXPECT_TRUE(kill("player", {.by = "ann", .decided_on = 1}));
}

TEST_F(FlagsKeeperTest, ADryRunWritesAndTellsNothing) {
  write(kFile);
  ASSERT_TRUE(keeper_.open());
  const auto dry = kill("player", {.by = "ann", .run = flags::Run::kDry});
  ASSERT_TRUE(dry) << dry.error().message;
  EXPECT_EQ(dry->after.says, "killed");
  EXPECT_EQ(dry->generation, 1U);
  EXPECT_EQ(written(), kFile);
  EXPECT_TRUE(on("player"));
  EXPECT_TRUE(told("flag.changed").empty());
}

TEST_F(FlagsKeeperTest, AFileThatCannotBeWrittenKeepsTheFlagsAsTheyWere) {
  ASSERT_TRUE(keeper_.open());
  EXPECT_TRUE(on("player", true));
  std::filesystem::remove_all(folder_);
  const auto killed = kill("player");
  ASSERT_FALSE(killed);
  EXPECT_THAT(killed.error().message, HasSubstr("flags.yaml"));
  EXPECT_TRUE(on("player", true));
  EXPECT_EQ(flags_.generation(), 1U);
}

TEST_F(FlagsKeeperTest, AMistakeInTheFileIsNotBuriedByAnEdit) {
  write(kFile);
  ASSERT_TRUE(keeper_.open());
  write("bucketing: 1\nflags: {player: {owner: ann, remove_when: never, defualt: on}}\n");
  const std::string mistaken = written();
  const auto killed = kill("player");
  ASSERT_FALSE(killed);
  EXPECT_THAT(killed.error().message, HasSubstr("defualt: unknown key; did you mean default?"));
  EXPECT_EQ(written(), mistaken);
  EXPECT_TRUE(on("player"));
}

TEST_F(FlagsKeeperTest, AFlagIsOverdueFromItsDayOnAndSaidOnce) {
  write("bucketing: 1\nflags: {player: {owner: ann, remove_when: '1970-01-01: gone', default: on}}\n");
  ASSERT_TRUE(keeper_.open());
  ASSERT_TRUE(kill("player"));
  EXPECT_EQ(log_.count(observe::Level::kWarn), 1U);
  EXPECT_TRUE(log_.said("flag is overdue for removal flag=player owner=ann"));
}

}  // namespace
}  // namespace revenge::app
