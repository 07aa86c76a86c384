#include "observe/log_layout.hpp"

#include <gtest/gtest.h>

#include "observe/log_format.hpp"
#include "observe/recording_log.hpp"

namespace revenge::observe {
namespace {

using Group = Attribute::Group;

// The rules of slogtest: what loggers bind and lines give, as JSON.
class LogAttributes : public testing::Test {
 protected:
  // The `attributes` of the last line, or nothing.
  std::string attributes() {
    const std::string& json = sink.last;
    const std::size_t at = json.find("\"attributes\":");
    return at == std::string::npos ? "" : json.substr(at + 13, json.size() - at - 14);
  }

  struct JsonSink final : LogSink {
    std::string last;
    void write(const LogRecord& record) noexcept override {
      last.clear();
      appendJson(last, record);
    }
  };

  base::ManualClock clock;
  Metrics metrics;
  JsonSink sink;
  Log log{clock, metrics, sink};
  Logger logger = log.logger("test");
  Logger plugin = log.pluginLogger("p");
};

TEST_F(LogAttributes, L1_GroupsNestAndHoldWhatIsBoundAndGivenBehindThem) {
  logger.with({{"a", "b"}}).group("G").with({{"c", "d"}}).group("H").info("m", {{"e", "f"}});
  EXPECT_EQ(attributes(), R"({"a":"b","G":{"c":"d","H":{"e":"f"}}})");
  logger.with({{"a", "b"}, {"G", Group{1}}, {"c", "d"}}).info("m", {{"e", "f"}});
  EXPECT_EQ(attributes(), R"({"a":"b","G":{"c":"d"},"e":"f"})");
  logger.info("m", {{"G", Group{3}}, {"H", Group{1}}, {"x", 1}, {"y", 2}, {"z", 3}});
  EXPECT_EQ(attributes(), R"({"G":{"H":{"x":1},"y":2},"z":3})");
}

TEST_F(LogAttributes, L2_AGroupThatNothingIsPutInIsNotThere) {
  logger.with({{"a", "b"}}).group("G").with({{"c", "d"}}).group("H").info("m");
  EXPECT_EQ(attributes(), R"({"a":"b","G":{"c":"d"}})");
}

TEST_F(LogAttributes, L3_AnEmptyGroupIsLeftOutAndOneWithoutANameIsInlined) {
  logger.info("m", {{"a", 1}, {"G", Group{0}}, {"b", 2}});
  EXPECT_EQ(attributes(), R"({"a":1,"b":2})");
  logger.info("m", {{"a", 1}, {"", Group{1}}, {"b", 2}, {"c", 3}});
  EXPECT_EQ(attributes(), R"({"a":1,"b":2,"c":3})");
  logger.info("m", {{"G", Group{1}}, {"H", Group{0}}});
  EXPECT_EQ(attributes(), "");
}

TEST_F(LogAttributes, L4_OneKeyIsThereOnceAndTheLastWins) {
  logger.with({{"k", 1}, {"other", 2}}).with({{"k", 3}}).info("m", {{"k", 4}, {"k", 5}});
  EXPECT_EQ(attributes(), R"({"other":2,"k":5})");
  logger.with({{"G", Group{1}}, {"k", 1}}).info("m", {{"G", Group{2}}, {"k", 2}, {"l", 3}});
  EXPECT_EQ(attributes(), R"({"G":{"k":2,"l":3}})");
  logger.with({{"G", Group{1}}, {"k", 1}}).info("m", {{"G", "no group"}});
  EXPECT_EQ(attributes(), R"({"G":"no group"})");
}

TEST_F(LogAttributes, L4_AKeyOfAPluginThatIsAFieldOfTheLineIsRenamed) {
  plugin.info("m", {{"time", 1}, {"level", 2}, {"msg", 3}, {"request", 4}, {"trace_id", 5}});
  EXPECT_EQ(attributes(), R"({"time_":1,"level_":2,"msg_":3,"request_":4,"trace_id_":5})");
  plugin.info("m", {{"level", 1}, {"level_", 2}});
  EXPECT_EQ(attributes(), R"({"level_":2})");
  plugin.info("m", {{"level_", 1}, {"level", 2}});
  EXPECT_EQ(attributes(), R"({"level_":2})");
  plugin.group("G").info("m", {{"level", 1}});
  EXPECT_EQ(attributes(), R"({"G":{"level":1}})");
}

TEST_F(LogAttributes, AGroupEndsWithTheOneAroundIt) {
  logger.info("m", {{"G", Group{2}}, {"H", Attribute::OpenGroup{}}, {"x", 1}, {"y", 2}});
  EXPECT_EQ(attributes(), R"({"G":{"H":{"x":1}},"y":2})");
}

TEST_F(LogAttributes, TextNamesTheGroupsBeforeTheKey) {
  RecordingLog recording;
  recording.logger().group("disk").info("m", {{"free", 1}, {"raid", Group{1}}, {"level", 5}});
  EXPECT_TRUE(recording.said("m disk.free=1 disk.raid.level=5"));
}

}  // namespace
}  // namespace revenge::observe
