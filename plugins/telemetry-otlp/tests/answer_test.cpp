#include "answer.hpp"

#include <gtest/gtest.h>

namespace telemetry_otlp {
namespace {

TEST(PartialSuccess, IsReadFromBothEncodings) {
  const Partial expected{3, "too old"};
  const std::string protobuf = "\x0a\x0b\x08\x03\x12\x07too old";
  EXPECT_EQ(readPartial(Encoding::kProtobuf, protobuf), expected);
  for (
      const std::string_view json :
      {R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}})",
       R"({ "unknown": {"rejectedSpans": 9}, "partialSuccess" : { "rejectedLogRecords" : 3 , "errorMessage":"too old" } })",
       R"({"partialSuccess":{"errorMessage":"too old","rejectedDataPoints":"3"},"x":{"rejectedSpans":"4"}})"}) {
    EXPECT_EQ(readPartial(Encoding::kJson, json), expected) << json;
  }
}

TEST(PartialSuccess, OfAnEmptyAnswerIsNone) {
  for (const Encoding encoding : {Encoding::kProtobuf, Encoding::kJson}) {
    EXPECT_EQ(readPartial(encoding, ""), Partial{});
    EXPECT_EQ(readPartial(encoding, "{}"), Partial{});
    EXPECT_EQ(readPartial(encoding, "<html>"), Partial{});
  }
}

TEST(PartialSuccess, ThatIsNegativeOrNoNumberRejectsNothing) {
  EXPECT_EQ(readPartial(Encoding::kJson, R"({"partialSuccess":{"rejectedSpans":"-3"}})").rejected, 0U);
  EXPECT_EQ(readPartial(Encoding::kJson, R"({"partialSuccess":{"rejectedSpans":{"a":1}}})").rejected, 0U);
  EXPECT_EQ(readPartial(Encoding::kProtobuf, "\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01").rejected,
            0U);
}

TEST(PartialSuccess, MessageIsCutAndMadePrintable) {
  const std::string long_text(5000, 'x');
  const auto partial =
      readPartial(Encoding::kJson, R"({"partialSuccess":{"errorMessage":")" + long_text + "\"}}");
  EXPECT_EQ(partial.message.size(), kMaxMessage);
  EXPECT_EQ(readPartial(Encoding::kProtobuf,
                        "\x0a\x05\x12\x03"
                        "a\nb")
                .message,
            "a b");
}

TEST(ErrorStatus, MessageIsReadFromBothEncodings) {
  EXPECT_EQ(readStatus(Encoding::kProtobuf,
                       "\x08\x03\x12\x03"
                       "bad"),
            "bad");
  EXPECT_EQ(readStatus(Encoding::kJson, R"({"code":3,"details":[{"message":"no"}],"message":"say \"why\""})"),
            "say \"why\"");
  EXPECT_EQ(readStatus(Encoding::kJson, "Bad Gateway"), "");
}

TEST(RetryAfter, IsSecondsOrAnHttpDate) {
  constexpr std::int64_t kMoment = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
  EXPECT_EQ(readRetryAfter("3", kMoment), 3);
  EXPECT_EQ(readRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", kMoment - 90), 90);
  EXPECT_EQ(readRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", kMoment + 5), 0);
  for (const std::string_view bad :
       {"", "soon", "-3", "3.5", "Sun, 31 Feb 1994 08:49:37 GMT", "99999999999999999999"})
    EXPECT_LT(readRetryAfter(bad, kMoment), 0) << bad;
}

}  // namespace
}  // namespace telemetry_otlp
