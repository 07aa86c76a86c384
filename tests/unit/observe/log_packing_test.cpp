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

// Packs what a Logger hands on, and says it beside what was handed on.
class PackingSink final : public LogSink {
 public:
  void write(const LogRecord& record) noexcept override {
    EXPECT_FALSE(record.bound_texts.empty());
    const LogPacking packing(record);
    std::vector<std::uint64_t> bytes(packing.bytes() / 8);
    packing.write(reinterpret_cast<std::byte*>(bytes.data()));
    appendJson(packed, unpackLogRecord(reinterpret_cast<std::byte*>(bytes.data())));
    appendJson(plain, record);
  }
  std::string packed;
  std::string plain;
};

TEST_F(PackedRecord, TakesWhatWasBoundAsItIs) {
  base::ManualClock clock;
  Metrics metrics;
  PackingSink sink;
  Log log(clock, metrics, sink);
  const std::string key(2 * kMaxPackedName, 'k');
  const std::string text(3 * kMaxLogValueBytes, 'x');
  const Logger bound = log.logger("c").with({{"a", "one"}, {"n", 7}, {"e", ""}, {key, text}}).group("G");
  bound.with({{"b", 2.5}, {"", Attribute::Group{1}}, {"d", 3ms}}).info("m", {{"c", true}, {"t", "text"}});
  EXPECT_EQ(sink.packed, sink.plain);
  EXPECT_TRUE(sink.packed.contains(R"("a":"one","n":7,"e":"",)")) << sink.packed;
  EXPECT_TRUE(sink.packed.contains(R"("G":{"b":2.5,"d":)")) << sink.packed;
}

TEST_F(PackedRecord, LeavesOutOfWhatWasBoundWhatDoesNotFit) {
  base::ManualClock clock;
  Metrics metrics;
  PackingSink sink;
  Log log(clock, metrics, sink);
  const std::string text(kMaxLogValueBytes, 'x');
  log.logger("c").with(std::vector<Attribute>(20, {"k", text})).info("m");
  EXPECT_TRUE(sink.packed.ends_with(R"(,"attributes_dropped":13})"))
      << sink.packed.substr(sink.packed.size() - 60);
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
