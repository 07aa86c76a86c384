#include "admin/audit_log.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "document/json.hpp"
#include "observe/recording_log.hpp"

namespace revenge::admin {
namespace {

namespace fs = std::filesystem;

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() {
    std::string name = (fs::temp_directory_path() / "revenge-audit-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    open();
  }
  ~AuditLogTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  void open(std::uint64_t max_bytes = 1U << 20U) {
    audit_.reset();
    audit_.emplace(AuditLog::Rooms{clock_, log_.log(), log_.metrics(), events_},
                   AuditLogOptions{.folder = folder_, .max_bytes = max_bytes, .older_files = 2});
  }
  void write(std::string what, Outcome outcome = Outcome::kDone) {
    audit_->write({.who = {.who = "token ci", .token = "ci"}, .what = std::move(what), .outcome = outcome});
  }
  std::vector<std::string> whats(std::uint64_t from = 0, std::size_t max = 100) const {
    std::vector<std::string> all;
    for (const std::string& line : audit_->read(from, max)) {
      const auto record = document::parseJson(line, "record");
      EXPECT_TRUE(record) << line;
      if (record) all.push_back(*record->find("what")->text());
    }
    return all;
  }
  fs::path file() const { return folder_ / "audit.jsonl"; }

  fs::path folder_;
  base::ManualClock clock_;
  observe::RecordingLog log_;
  observe::EventStream events_{clock_};
  std::optional<AuditLog> audit_;
};

using testing::ElementsAre;

TEST_F(AuditLogTest, KeepsRecordsOverARestartAndCountsOn) {
  write("swap a");
  open();
  write("swap b", Outcome::kFailed);
  EXPECT_THAT(whats(), ElementsAre("swap a", "swap b"));
  EXPECT_EQ(numberOf(audit_->read(0, 10).back()), 2U);
  EXPECT_THAT(whats(2), ElementsAre("swap b"));
}

TEST_F(AuditLogTest, AnswersTheLastWhenNobodySaysFromWhereElseTheFirst) {
  for (const char* what : {"1", "2", "3"}) write(what);
  EXPECT_THAT(whats(0, 2), ElementsAre("2", "3"));
  EXPECT_THAT(whats(1, 2), ElementsAre("1", "2"));
}

TEST_F(AuditLogTest, EachRecordIsAnEventThatCarriesIt) {
  auto told = events_.collect({"control."}, 10, [] {});
  write("swap a");
  write("stop", Outcome::kDenied);
  const auto batch = told.read();
  ASSERT_EQ(batch.events.size(), 2U);
  EXPECT_EQ(batch.events[0].kind, "control.changed");
  EXPECT_EQ(batch.events[1].kind, "control.refused");
  EXPECT_EQ(batch.events[1].payload, audit_->read(2, 1).at(0));
}

TEST_F(AuditLogTest, WritesOnInANewFileWhenTheOneBeforeWasMoved) {
  write("before");
  fs::rename(file(), folder_ / "taken");
  write("after");
  EXPECT_THAT(whats(), ElementsAre("after"));
}

TEST_F(AuditLogTest, RotatesBySizeAndForgetsTheOldest) {
  open(1);  // each record fills a file
  for (const char* what : {"1", "2", "3", "4"}) write(what);
  EXPECT_THAT(whats(), ElementsAre("2", "3", "4"));
  EXPECT_TRUE(fs::exists(folder_ / "audit.jsonl.2"));
  EXPECT_FALSE(fs::exists(folder_ / "audit.jsonl.3"));
}

TEST_F(AuditLogTest, AFullDiskCostsTheRecordAWarningAndACount) {
  fs::create_symlink("/dev/full", file());
  write("swap a");
  write("swap b");
  EXPECT_THAT(log_.metrics().render(), testing::HasSubstr("revenge_audit_lost_total 2"));
  EXPECT_EQ(log_.count(observe::Level::kWarn), 1U);
  fs::remove(file());
  write("swap c");
  EXPECT_THAT(whats(), ElementsAre("swap c"));
}

TEST_F(AuditLogTest, WhatACrashLeftOfALineIsNoRecordAndSpoilsNone) {
  std::ofstream(file()) << R"({"number":7,"what":"whole"})" << "\n" << R"({"number":8,"wh)";
  open();
  write("after");
  EXPECT_EQ(numberOf(audit_->read(9, 10).at(0)), 9U);
}

TEST_F(AuditLogTest, StrangersGetOneLineInTenSecondsThatCountsTheOthers) {
  clock_.advance(std::chrono::seconds(1));
  for (int i = 0; i < 5; ++i) audit_->turnedAway({.who = "nobody known"}, "GET /v1/status");
  EXPECT_EQ(audit_->read(0, 10).size(), 1U);
  clock_.advance(std::chrono::seconds(10));
  audit_->turnedAway({.who = "nobody known"}, "GET /v1/status");
  EXPECT_THAT(audit_->read(0, 10).back(), testing::HasSubstr("4 more"));
}

}  // namespace
}  // namespace revenge::admin
