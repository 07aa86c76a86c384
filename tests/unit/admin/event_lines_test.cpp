#include "admin/event_lines.hpp"

#include <gtest/gtest.h>

namespace revenge::admin {
namespace {

// One stream whose client the test plays.
class OneStream final : public http::Exchanges, public http::Exchange {
 public:
  const revenge_http_request& request() const override { return request_; }
  const revenge_call& call() const override { return call_; }
  http::Handle handle() const override { return 7; }
  http::Caller owner() const override { return {}; }
  std::optional<http::PeerCredentials> peer() const override { return {}; }
  std::string certificate() const override { return {}; }
  std::uint32_t answered() const override { return 0; }
  http::Exchanges& exchanges() const override { return const_cast<OneStream&>(*this); }
  void setUserKey(std::string_view) override {}

  base::Result<> respond(http::Caller, http::Handle, http::Response) override { return {}; }
  base::Result<> addHeader(http::Caller, http::Handle, std::string_view, std::string_view) override {
    return {};
  }
  base::Result<http::Handle> defer(http::Caller, http::Handle exchange) override { return exchange; }
  const revenge_call* call(http::Caller, http::Handle) override { return nullptr; }
  base::Result<> drop(http::Caller, http::Handle) override { return {}; }
  base::Result<> watch(http::Caller, http::Handle, std::function<void()> gone) override {
    if (left) return base::fail(base::Errc::kGone, "left");
    watching = std::move(gone);
    return {};
  }
  base::Result<> limit(http::Caller, http::Handle, const http::RequestLimits&) override { return {}; }
  base::Result<> tellEnd(http::Caller, http::Handle, std::string_view, std::uint64_t) override { return {}; }
  base::Result<> resume(http::Caller, http::Handle) override { return {}; }
  revenge_status bodyRead(http::Caller, http::Handle, std::string_view&, http::Done) override {
    return REVENGE_END;
  }
  base::Result<http::Handle> openStream(http::Caller, http::Handle exchange, http::Response) override {
    return exchange;
  }
  revenge_status write(http::Caller, http::Handle, std::string_view data, http::Done done) override {
    if (left) return REVENGE_GONE;
    ++writes;
    written += data;
    if (!slow) return REVENGE_OK;
    room = std::move(done);
    return REVENGE_PENDING;
  }
  revenge_status event(http::Caller, http::Handle, const http::StreamEvent&, http::Done) override {
    return REVENGE_INVALID;
  }
  base::Result<> close(http::Caller, http::Handle, http::StreamEnd) override {
    ++closed;
    return {};
  }
  http::CallState state(http::Handle) const override { return http::CallState::kLive; }

  bool left = false;
  bool slow = false;
  int writes = 0;
  int closed = 0;
  std::string written;
  http::Done room;
  std::function<void()> watching;

 private:
  revenge_http_request request_{};
  revenge_call call_{};
};

class EventLinesTest : public testing::Test {
 protected:
  void publish(const std::string& text) { events_.publish({.kind = "test", .plugin = {}, .text = text}); }
  void follow() { EXPECT_EQ(followEvents(stream_, events_, 0), REVENGE_OK); }
  bool wrote(std::string_view text) const { return stream_.written.find(text) != std::string::npos; }
  void clientLeaves() {
    stream_.left = true;
    if (const auto gone = std::exchange(stream_.watching, nullptr)) gone();
  }

  base::ManualClock clock_;
  observe::EventStream events_{clock_, 4};
  OneStream stream_;
};

TEST_F(EventLinesTest, LetsGoOfTheExchangeWhenTheClientLeaves) {
  follow();
  publish("one");
  EXPECT_TRUE(wrote("one"));
  clientLeaves();
  EXPECT_EQ(stream_.closed, 1);
  stream_.left = false;
  publish("two");
  EXPECT_FALSE(wrote("two"));
}

TEST_F(EventLinesTest, LetsGoAtOnceOfAClientThatHasLeftAlready) {
  stream_.left = true;
  follow();
  EXPECT_EQ(stream_.closed, 1);
  stream_.left = false;
  publish("one");
  EXPECT_EQ(stream_.writes, 0);
}

TEST_F(EventLinesTest, WritesNothingOnceTheServerHasDroppedTheWatch) {
  follow();
  stream_.watching = nullptr;
  publish("one");
  EXPECT_EQ(stream_.writes, 0);
  EXPECT_EQ(stream_.closed, 0);
}

TEST_F(EventLinesTest, ASlowReaderIsWaitedForAndToldWhatItMissed) {
  stream_.slow = true;
  follow();
  for (const char* text : {"a1", "b2", "c3", "d4", "e5", "f6"}) publish(text);
  EXPECT_EQ(stream_.writes, 1);
  EXPECT_TRUE(wrote("a1"));
  stream_.slow = false;
  std::exchange(stream_.room, nullptr)(REVENGE_OK, {});
  EXPECT_TRUE(wrote("{\"missed\":1}\n"));
  EXPECT_FALSE(wrote("b2"));
  EXPECT_TRUE(wrote("c3"));
  EXPECT_TRUE(wrote("f6"));
  publish("g7");
  EXPECT_TRUE(wrote("g7"));
}

TEST_F(EventLinesTest, RoomThatComesAfterTheEndIsNobodys) {
  stream_.slow = true;
  follow();
  publish("one");
  const http::Done late = std::exchange(stream_.room, nullptr);
  clientLeaves();
  late(REVENGE_GONE, {});
  EXPECT_EQ(stream_.writes, 1);
}

}  // namespace
}  // namespace revenge::admin
