#include "http/client_stream.hpp"
#include "unit/http/outgoing_fixture.hpp"

namespace revenge::http {
namespace {

class ClientStreamTest : public OutgoingTest {
 protected:
  ~ClientStreamTest() override {
    std::promise<void> closed;
    reactor_.post(0, [&] {
      stream_.reset();
      closed.set_value();
    });
    closed.get_future().wait();
  }

  void connect(std::vector<Address> addresses) {
    reactor_.post(0, [this, addresses = std::move(addresses)]() mutable {
      stream_ = std::make_unique<ClientStream>(reactor_, 0, scheduler_);
      stream_->connect(std::move(addresses), [this](base::Result<std::size_t> result) {
        said_.set_value(result ? "connected" : result.error().message);
      });
    });
  }
  std::string said() {
    auto future = said_.get_future();
    EXPECT_EQ(future.wait_for(kPatience), std::future_status::ready);
    return future.get();
  }
  static Address addressOf(const std::string& url) {
    const Url parsed = *parseUrl(url);
    return resolve(parsed.host, parsed.port)->front();
  }
  static std::string nobodysUrl() {
    return Peer([](Peer::Connection&) {}).url();
  }

  Peer peer_{[](Peer::Connection& connection) { connection.awaitEnd(); }};
  std::unique_ptr<ClientStream> stream_;  // the loop's
  std::promise<std::string> said_;
};

TEST_F(ClientStreamTest, AnAddressThatHangsIsOvertakenByTheNext) {
  const DeafPort deaf;
  connect({addressOf(deaf.url()), addressOf(peer_.url())});
  scheduler_.awaitPending(2);  // the reactor's watchdog, and the next attempt
  scheduler_.advance(ClientStream::kStagger - std::chrono::milliseconds(1));
  EXPECT_EQ(peer_.connections(), 0);
  scheduler_.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(said(), "connected");
}

TEST_F(ClientStreamTest, AnAddressThatRefusesIsFollowedAtOnce) {
  connect({addressOf(nobodysUrl()), addressOf(peer_.url())});
  EXPECT_EQ(said(), "connected");
}

TEST_F(ClientStreamTest, WhenNoneAnswersTheLastOneIsNamed) {
  connect({addressOf(nobodysUrl()), addressOf(nobodysUrl())});
  EXPECT_TRUE(said().starts_with("connection to 127.0.0.1 refused"));
}

TEST(Resolve, AlternatesBetweenFamilies) {
  const auto found = resolve("localhost", 80);
  ASSERT_TRUE(found) << found.error().message;
  for (std::size_t i = 1; i + 1 < found->size(); ++i)
    EXPECT_NE((*found)[i].bytes.ss_family, (*found)[i - 1].bytes.ss_family);
  EXPECT_EQ(resolve("127.0.0.1", 80)->front().text(), "127.0.0.1");
  EXPECT_EQ(resolve("2001:db8::1", 80)->front().text(), "2001:db8::1");
}

}  // namespace
}  // namespace revenge::http
