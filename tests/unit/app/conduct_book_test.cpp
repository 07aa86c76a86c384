#include "app/conduct_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "observe/recording_log.hpp"

namespace revenge::app {
namespace {

using namespace std::chrono_literals;
using plugin::Resource;
using plugin::Rung;
using runtime::Lanes;
using testing::ElementsAre;
using testing::HasSubstr;

struct ConductBookTest : testing::Test {
  ConductBookTest() {
    book.connect({[this](const std::string& id, Lanes::Hold hold) {
                    followed.push_back(id + (hold == Lanes::Hold::kOne ? " held" : " let go"));
                  },
                  [this](const std::string& id, const std::string& why) {
                    followed.push_back(id + " quarantined");
                    reason = why;
                  }});
    ConductSettings settings;
    settings.stall_window = 60s;
    settings.policy.stalls = {.warn = 1, .throttle = 2, .quarantine = 4};
    of(settings.allowed, Resource::kCpu) = 1;
    plugin::Amounts generous{};
    of(generous, Resource::kCpu) = 10;
    settings.allowed_to["scanner"] = generous;
    book.configure(settings);
  }
  void stall(int count = 1) {
    for (int i = 0; i < count; ++i)
      book.happened(
          {.plugin = "thumbs",
           .version = "1.0.0",
           .where = "a worker",
           .doing = "/thumb",
           .lasting = 30s,
           .frames = {{.offset = 0x10, .plugin = "thumbs", .path = "/p/thumbs.so", .function = "scale()"}}});
  }
  void window(const std::string& id, double cores) {
    plugin::Amounts used{};
    of(used, Resource::kCpu) = cores;
    book.windowEnded(id, used);
  }
  std::vector<std::string> told(std::string_view kind) {
    std::vector<std::string> texts;
    for (const observe::Event& event : events.subscribe(1, [] {}).read().events) {
      if (event.kind == kind) texts.push_back(event.text);
    }
    return texts;
  }

  observe::RecordingLog log;
  observe::EventStream events{log.clock()};
  ConductBook book{{log.clock(), log.log(), log.metrics(), events}};
  std::vector<std::string> followed;
  std::string reason;
};

TEST_F(ConductBookTest, AnIncidentIsToldWithItsStack) {
  stall();
  EXPECT_THAT(told("plugin.overran"),
              ElementsAre("thumbs 1.0.0: '/thumb' has held a worker for 30.0 s, in scale() thumbs.so+0x10"));
  EXPECT_TRUE(log.said("scale() thumbs.so+0x10"));
  EXPECT_EQ(book.incidentsOf("thumbs").size(), 1U);
  EXPECT_EQ(book.rungOf("thumbs"), Rung::kWarn);
  EXPECT_TRUE(followed.empty());
}

TEST_F(ConductBookTest, StallsThrottleAndGrowOld) {
  stall();
  log.clock().advance(30s);
  stall();
  EXPECT_THAT(followed, ElementsAre("thumbs held"));
  log.clock().advance(30s);
  book.growOlder();
  EXPECT_EQ(book.rungOf("thumbs"), Rung::kWarn);
  EXPECT_THAT(followed, ElementsAre("thumbs held", "thumbs let go"));
  log.clock().advance(30s);
  book.growOlder();
  EXPECT_EQ(book.rungOf("thumbs"), Rung::kFine);
}

TEST_F(ConductBookTest, TooManyQuarantineItOnceAndItBeginsAnew) {
  stall(4);
  EXPECT_THAT(followed, ElementsAre("thumbs held", "thumbs quarantined", "thumbs let go"));
  EXPECT_THAT(reason, HasSubstr("stalls: quarantine: 4 stalls, allowed: 3"));
  EXPECT_EQ(book.rungOf("thumbs"), Rung::kFine);
}

TEST_F(ConductBookTest, ABudgetOfItsOwnCountsForOneAlone) {
  window("scanner", 5);
  window("thumbs", 5);
  EXPECT_EQ(book.rungOf("scanner"), Rung::kFine);
  EXPECT_EQ(book.rungOf("thumbs"), Rung::kWarn);
  EXPECT_THAT(told("plugin.budget"),
              ElementsAre("thumbs: budget of cpu: fine -> warn: 5 cores, allowed: 1 core"));
}

TEST_F(ConductBookTest, WhatLeadsToTheSameRungFollowsOnce) {
  for (int i = 0; i < 3; ++i) window("thumbs", 5);
  stall(2);
  EXPECT_THAT(followed, ElementsAre("thumbs held"));
  for (int i = 0; i < 3; ++i) window("thumbs", 0);
  EXPECT_THAT(followed, ElementsAre("thumbs held")) << "its stalls still hold it";
}

TEST_F(ConductBookTest, ForgivenItIsLetGo) {
  stall(2);
  book.forgive("thumbs");
  EXPECT_EQ(book.rungOf("thumbs"), Rung::kFine);
  EXPECT_THAT(followed, ElementsAre("thumbs held", "thumbs let go"));
  EXPECT_EQ(book.incidentsOf("thumbs").size(), 2U) << "what happened stays known";
}

}  // namespace
}  // namespace revenge::app
