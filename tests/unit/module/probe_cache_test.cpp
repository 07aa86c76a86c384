#include "module/probe_cache.hpp"

#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

class ProbeCacheTest : public testing::Test {
 protected:
  fs::path file() const { return folder_ / "probe-cache.json"; }
  ProbeCache cache(const std::string& host = "build-1") const { return {file(), host}; }

  TempDir folder_;
  ProbeReport report_{
      .id = "stream", .version = "1.0.0", .sdkVersion = "0.1.0", .unmaps = true, .whyNot = {}, .changes = {}};
};

TEST_F(ProbeCacheTest, RemembersAcrossHostsOfTheSameBuildOnly) {
  EXPECT_FALSE(cache().find("aa"));
  ASSERT_TRUE(cache().keep("aa", report_));
  EXPECT_EQ(cache().find("aa")->id, "stream");
  EXPECT_FALSE(cache().find("bb"));
  EXPECT_FALSE(cache("build-2").find("aa"));
}

TEST_F(ProbeCacheTest, ForgetsADamagedFile) {
  ASSERT_TRUE(cache().keep("aa", report_));
  const auto text = readFile(file());
  for (const auto& damaged :
       {std::string(), text.substr(0, text.size() / 2), std::string("[]"), std::string(100, '\0')}) {
    writeFile(file(), damaged);
    EXPECT_FALSE(cache().find("aa"));
  }
  ASSERT_TRUE(cache().keep("aa", report_));
  EXPECT_TRUE(cache().find("aa"));
}

TEST_F(ProbeCacheTest, LeavesTheOldestOutBeyondItsSize) {
  ProbeCache cache(file(), "build-1");
  for (int i = 0; i <= 512; ++i) ASSERT_TRUE(cache.keep(std::to_string(i), report_));
  EXPECT_FALSE(cache.find("0"));
  EXPECT_TRUE(cache.find("1"));
  EXPECT_TRUE(ProbeCache(file(), "build-1").find("512"));
}

TEST_F(ProbeCacheTest, SaysWhereItCannotWriteAndStillAnswers) {
  ProbeCache cache(folder_ / "absent/probe-cache.json", "build-1");
  const auto kept = cache.keep("aa", report_);
  ASSERT_FALSE(kept);
  EXPECT_NE(kept.error().message.find("absent/probe-cache.json"), std::string::npos);
  EXPECT_TRUE(cache.find("aa"));
}

}  // namespace
}  // namespace revenge::module
