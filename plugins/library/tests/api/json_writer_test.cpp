#include "api/json_writer.hpp"

#include <gtest/gtest.h>

namespace library::api {
namespace {

TEST(JsonWriter, DividesWhatStandsBesideEachOther) {
  JsonWriter out;
  out.beginObject();
  out.number("a", -1);
  out.beginArray("b");
  out.text({}, "x");
  out.beginObject();
  out.endObject();
  out.endArray();
  out.boolean("c", false);
  out.raw("d", R"({"e":null})");
  out.endObject();
  EXPECT_EQ(out.take(), R"({"a":-1,"b":["x",{}],"c":false,"d":{"e":null}})");
}

TEST(JsonWriter, EscapesWhatJsonCannotHold) {
  JsonWriter out;
  out.text({}, "\"\\\x01\n");
  EXPECT_EQ(out.take(), R"("\"\\\u0001\u000a")");
}

TEST(JsonWriter, LeavesUtf8AsItIsAndMendsTheRest) {
  JsonWriter out;
  out.beginArray();
  out.text({}, "e\xcc\x81 \xf0\x9f\x8e\xac");
  out.text({}, "a\xff");
  out.endArray();
  EXPECT_EQ(out.take(), "[\"e\xcc\x81 \xf0\x9f\x8e\xac\",\"a\xef\xbf\xbd\"]");
}

TEST(JsonWriter, WritesMomentsInUtc) {
  EXPECT_EQ(momentText(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(momentText(1'715'000'000'123'999), "2024-05-06T12:53:20.123Z");
  EXPECT_EQ(momentText(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(momentText(INT64_MAX), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(momentText(INT64_MIN), "0000-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace library::api
