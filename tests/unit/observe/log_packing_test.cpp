#include "observe/log_packing.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "observe/log_format.hpp"
#include "observe/log_layout.hpp"

namespace revenge::observe {
namespace {

using namespace std::chrono_literals;

class PackedRecord : public testing::Test {
 protected:
  // As it comes out again.
  std::string json(const LogRecord& record) {
    const LogPacking packing(record);
    EXPECT_EQ(packing.bytes() % 8, 0U);
    EXPECT_LE(packing.bytes(), kMaxPackedBytes);
    bytes.assign(packing.bytes() / 8 + 1, kGuard);
    packing.write(reinterpret_cast<std::byte*>(bytes.data()));
    EXPECT_EQ(bytes.back(), kGuard);
    std::string out;
    appendJson(out, unpackLogRecord(reinterpret_cast<std::byte*>(bytes.data())));
    return out;
  }
  static std::string plain(const LogRecord& record) {
    std::string out;
    appendJson(out, record);
    return out;
  }

  static constexpr std::uint64_t kGuard = 0xabad1dea;
  std::vector<std::uint64_t> bytes;
};

TEST_F(PackedRecord, ComesOutAsItWentIn) {
  const std::vector<Attribute> bound{{"a", "one"}, {"G", Attribute::OpenGroup{}}, {"b", 2.5}};
  const std::vector<Attribute> own{{"c", true}, {"", Attribute::Group{1}}, {"d", 3ms}, {"e", ""}, {"f", -1}};
  const LogRecord record{
      base::WallTime(1'700'000'000s),    Level::kWarn,   "plugin/p", "r-1", "message", bound, own, "user",
      {1, 2, 3, TraceContext::kSampled}, {"a/b.cpp", 7}, 4};
  EXPECT_EQ(json(record), plain(record));
}

TEST_F(PackedRecord, ShowsThatALongTextWasCut) {
  const std::string text(3 * kMaxLogValueBytes, 'x');
  const std::vector<Attribute> own{{"k", text}};
  LogRecord record{};
  record.message = text;
  record.attributes = own;
  EXPECT_EQ(json(record), plain(record));
}

TEST_F(PackedRecord, LeavesOutFromTheEndWhatDoesNotFitAndCountsIt) {
  const std::string text(kMaxLogValueBytes, 'x');
  const std::vector<Attribute> own(20, {"k", text});
  LogRecord record{};
  record.attributes = own;
  EXPECT_TRUE(json(record).ends_with(R"(,"attributes_dropped":13})"));
  const std::vector<Attribute> many(kMaxLogAttributes + 5, {"k", 1});
  record.attributes = many;
  EXPECT_TRUE(json(record).ends_with(R"(,"attributes_dropped":5})"));
}

}  // namespace
}  // namespace revenge::observe
