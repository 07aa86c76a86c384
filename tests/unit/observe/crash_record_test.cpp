#include "observe/crash_record.hpp"

#include <gtest/gtest.h>

namespace revenge::observe {
namespace {

constexpr std::string_view kRecord =
    "crash signal\n"
    "time 1764450000\n"
    "thread 4711 thumbs: start\n"
    "host ab12\n"
    "inside thumbs 1.2.0 5ha\n"
    "doing start\n"
    "signal 11 SEGV\n"
    "address 0x10\n"
    "frame cc 0x99 - /lib/libc.so.6\n"
    "frame dd 0x1139 scaler /cache/loaded/7/scaler.so\n"
    "frame ee 0x2000 thumbs /cache/loaded/8/thumbs.so\n"
    "frame - 0x7fff0000 - -\n"
    "image thumbs 1.2.0 5ha\n"
    "image scaler 3.0.1 6ha\n"
    "end\n";

TEST(CrashRecord, HoldsWhatWasWritten) {
  const auto record = readCrash(kRecord);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->kind, "signal");
  EXPECT_EQ(record->time_s, 1764450000);
  EXPECT_EQ(record->thread, "thumbs: start");
  EXPECT_EQ(record->host_build, "ab12");
  EXPECT_EQ(record->signal, "SEGV");
  EXPECT_EQ(record->address, 0x10U);
  ASSERT_EQ(record->frames.size(), 4U);
  EXPECT_EQ(record->frames[1].build_id, "dd");
  EXPECT_EQ(record->frames[1].offset, 0x1139U);
  EXPECT_EQ(record->frames[1].plugin, "scaler");
  EXPECT_EQ(record->frames[3].build_id, "");
  EXPECT_TRUE(record->complete);
}

TEST(CrashRecord, TheInnermostFrameInAPluginIsToBlame) {
  const auto record = readCrash(kRecord);
  EXPECT_EQ(record->culprit(), (BuildOfPlugin{"scaler", "3.0.1", "6ha"}))
      << "thumbs called it: its frame is further out";
  EXPECT_EQ(record->summary(),
            "SIGSEGV at 0x10 in 'start' of plugin scaler 3.0.1, scaler.so+0x1139, thread thumbs: start");
}

TEST(CrashRecord, WithoutSuchAFrameItIsWhoTheThreadWasInsideOf) {
  auto record = *readCrash(kRecord);
  record.frames.resize(1);
  EXPECT_EQ(record.culprit(), (BuildOfPlugin{"thumbs", "1.2.0", "5ha"}));
  record.frames.clear();
  EXPECT_EQ(record.culprit()->id, "thumbs");
}

TEST(CrashRecord, OfTwoVersionsItIsTheOneTheThreadWasInsideOf) {
  const auto record = readCrash(
      "crash signal\ninside thumbs 2.0.0 new\nframe ee 0x1 thumbs /t.so\nimage thumbs 1.0.0 old\nimage "
      "thumbs 2.0.0 new\nend\n");
  EXPECT_EQ(record->culprit()->sha256, "new");
}

TEST(CrashRecord, NobodyIsToBlameForTheHostsOwnCode) {
  const auto record = readCrash("crash signal\nsignal 6 ABRT\nframe aa 0x1 - /usr/bin/revenge\nend\n");
  EXPECT_FALSE(record->culprit());
  EXPECT_EQ(record->summary(), "SIGABRT, revenge+0x1");
}

TEST(CrashRecord, OneThatEndsInTheMiddleGivesWhatItHas) {
  for (std::size_t length = 1; length <= kRecord.size(); ++length) {
    const auto record = readCrash(kRecord.substr(0, length));
    ASSERT_TRUE(record);
    EXPECT_EQ(record->complete, length >= kRecord.size() - 1);
    static_cast<void>(record->summary());
  }
  EXPECT_FALSE(readCrash("")) << "no process died";
}

TEST(CrashRecord, SaysWhyItWasTerminated) {
  const auto record =
      readCrash("crash signal\nreason terminate: std::runtime_error: no more\nsignal 6 ABRT\nend\n");
  EXPECT_EQ(record->summary(), "SIGABRT (terminate: std::runtime_error: no more)");
}

TEST(CrashRecord, ExitIsNoSignal) {
  const auto record = readCrash("crash exit\ninside a 1.0.0 s\ndoing timer\nframe x 0x5 a /a.so\nend\n");
  EXPECT_EQ(record->summary(), "exit() was called in 'timer' of plugin a 1.0.0, a.so+0x5");
}

}  // namespace
}  // namespace revenge::observe
