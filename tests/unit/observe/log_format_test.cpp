#include "observe/log_format.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "observe/log_layout.hpp"

namespace revenge::observe {
namespace {

using namespace std::chrono_literals;

class LogFormats : public testing::Test {
 protected:
  LogRecord record(std::string_view message, std::span<const Attribute> attributes = {}) {
    return {base::WallTime(1'700'000'000s + 123456us), Level::kInfo, "http", {}, message, {}, attributes};
  }
  std::string text(const LogRecord& record) {
    std::string out;
    appendText(out, record);
    return out;
  }
  std::string json(const LogRecord& record) {
    std::string out;
    appendJson(out, record);
    return out;
  }
  // What follows time, level and component.
  std::string said(std::string_view message, std::vector<Attribute> attributes = {}) {
    return text(record(message, attributes)).substr(50);
  }
};

TEST_F(LogFormats, TextIsTimeLevelComponentMessageAttributesRequest) {
  const std::vector<Attribute> attributes{{"address", "::1"}, {"port", 8096}};
  LogRecord line = record("listening", attributes);
  line.request = "r-1";
  EXPECT_EQ(text(line),
            "2023-11-14T22:13:20.123456Z INFO   http           listening address=::1 port=8096 request=r-1");
}

TEST_F(LogFormats, JsonIsOneObjectWithAttributesApart) {
  const std::vector<Attribute> attributes{{"level", "forged"}, {"port", 8096}, {"ok", true}, {"took", 2us}};
  LogRecord line = record("listening", attributes);
  line.request = "r-1";
  EXPECT_EQ(json(line), R"({"time":"2023-11-14T22:13:20.123456Z","level":"info","component":"http",)"
                        R"("message":"listening","request":"r-1",)"
                        R"("attributes":{"level":"forged","port":8096,"ok":true,"took":2000}})");
}

TEST_F(LogFormats, NamesTheTraceBesideTheRequest) {
  LogRecord line = record("hi");
  line.request = "r-1";
  line.trace = {0x4bf92f3577b34da6, 0xa3ce929d0e0e4736, 1, TraceContext::kSampled};
  EXPECT_TRUE(json(line).contains(R"("request":"r-1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"})"));
  EXPECT_TRUE(text(line).ends_with("request=r-1 trace_id=4bf92f3577b34da6a3ce929d0e0e4736"));
}

TEST_F(LogFormats, JsonNamesThePluginOfAPluginsLine) {
  LogRecord line = record("hi");
  line.component = "plugin/stream";
  EXPECT_EQ(json(line),
            R"({"time":"2023-11-14T22:13:20.123456Z","level":"info","plugin":"stream","message":"hi"})");
}

TEST_F(LogFormats, SaysWhoseRequestItWasAndWhereInTheCode) {
  LogRecord line = record("hi");
  line.user = "u-1";
  line.source = {"/build/host/app/reloader.cpp", 12};
  EXPECT_TRUE(json(line).ends_with(R"("message":"hi","user":"u-1","source":"app/reloader.cpp:12"})"));
  EXPECT_TRUE(text(line).ends_with("hi user=u-1 source=app/reloader.cpp:12"));
}

TEST_F(LogFormats, ValuesCannotForgeALine) {
  EXPECT_EQ(said("a\nb"), R"("a\nb")");
  EXPECT_EQ(said("m", {{"k", "x\" admin=true"}}), R"(m k="x\" admin=true")");
  EXPECT_EQ(said("m", {{"k", "\x1b[2J\x7f"}}), R"(m k="\u001b[2J\u007f")");
  EXPECT_EQ(said("m", {{"k", "\xff\xc0"}}), R"(m k="\xff\xc0")");
  EXPECT_EQ(said("m", {{"k", "\u2028\u202e\u0085"}}), R"(m k="\u2028\u202e\u0085")");
  EXPECT_EQ(said("m", {{"k", std::string_view("a\0b", 3)}}), R"(m k="a\u0000b")");
  EXPECT_EQ(said("m", {{"a key=", 1}}), R"(m "a key="=1)");
}

TEST_F(LogFormats, AMessageThatLooksLikeAttributesIsQuoted) {
  EXPECT_EQ(said("done in time"), "done in time");
  EXPECT_EQ(said("done user=admin"), R"("done user=admin")");
  EXPECT_EQ(said("back\\slash"), R"("back\\slash")");
  EXPECT_EQ(said(""), R"("")");
}

TEST_F(LogFormats, JsonStaysValidForAnyBytes) {
  const std::vector<Attribute> attributes{{"a\"\n", "\xff\x01\\"}};
  EXPECT_TRUE(
      json(record("x", attributes)).ends_with("\"attributes\":{\"a\\\"\\n\":\"\uFFFD\\u0001\\\\\"}}"));
}

TEST_F(LogFormats, JsonQuotesNumbersItDoesNotKnow) {
  const std::vector<Attribute> attributes{{"a", std::numeric_limits<double>::infinity()}, {"b", 0.5}};
  EXPECT_TRUE(json(record("x", attributes)).ends_with(R"({"a":"inf","b":0.5}})"));
}

TEST_F(LogFormats, TextShowsEachTypeAsPeopleWriteIt) {
  EXPECT_EQ(
      said("m",
           {{"t", true}, {"i", -1}, {"u", ~std::uint64_t{0}}, {"d", 1.5}, {"s", std::string("two words")}}),
      R"(m t=true i=-1 u=18446744073709551615 d=1.5 s="two words")");
  EXPECT_EQ(said("m", {{"a", 999ns}, {"b", 1us}, {"c", 1500us}, {"d", 90s}, {"e", -2ms}}),
            "m a=999ns b=1us c=1.5ms d=90s e=-2ms");
}

TEST_F(LogFormats, ALaterAttributeHidesAnEarlierOfTheSameKey) {
  const std::vector<Attribute> bound{{"user", "a"}, {"step", 1}};
  const std::vector<Attribute> own{{"step", 2}};
  LogRecord line = record("m", own);
  line.bound = bound;
  EXPECT_TRUE(text(line).ends_with("m user=a step=2"));
}

TEST_F(LogFormats, LongValuesAreCutAndManyAttributesCounted) {
  const std::string exact(kMaxLogValueBytes, 'x');
  EXPECT_EQ(said("m", {{"k", exact}}), "m k=" + exact);
  EXPECT_EQ(said("m", {{"k", exact + "y"}}), "m k=\"" + exact + "...\"");

  std::vector<std::string> keys;
  for (std::size_t i = 0; i < kMaxLogAttributes + 3; ++i) keys.push_back(fmt::format("k{}", i));
  const std::vector<Attribute> many = [&] {
    std::vector<Attribute> all;
    for (const auto& key : keys) all.emplace_back(key, 1);
    return all;
  }();
  EXPECT_TRUE(text(record("m", many)).ends_with(" k63=1 attributes_dropped=3"));
  EXPECT_TRUE(json(record("m", many)).ends_with(R"("k63":1},"attributes_dropped":3})"));
}

}  // namespace
}  // namespace revenge::observe
